package reports

import (
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
)

// inParallel does something for each number below n, on all cores, in any order.
// A panic is that of the caller.
func inParallel(n int, do func(i int)) {
	var (
		wait   sync.WaitGroup
		next   atomic.Int64
		broken atomic.Value
	)
	for range min(runtime.GOMAXPROCS(0), n) {
		wait.Go(func() {
			defer func() {
				if p := recover(); p != nil {
					broken.CompareAndSwap(nil, fmt.Sprint(p))
				}
			}()
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				do(i)
			}
		})
	}
	wait.Wait()
	if p := broken.Load(); p != nil {
		panic(p)
	}
}

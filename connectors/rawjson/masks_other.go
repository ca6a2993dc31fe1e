//go:build !amd64

package rawjson

const wide = false

func scan(*byte, int, *nesting) (end int) { panic("rawjson: no wide comparison here") }

func stringMask(*byte) uint32 { panic("rawjson: no wide comparison here") }

//go:build !amd64

package rawjson

const wide = false

func masks(*byte) (quote, slash, open, end uint64) { panic("rawjson: no wide comparison here") }

func stringMask(*byte) uint32 { panic("rawjson: no wide comparison here") }

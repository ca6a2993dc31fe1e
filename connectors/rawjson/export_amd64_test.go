package rawjson

// Twins calls f once for each way to compare: as wide as the processor can, at
// most 32 bytes at once, and one by one.
func Twins(f func(name string)) {
	had, hadWidest := wide, widest
	defer func() { wide, widest = had, hadWidest }()
	if hadWidest {
		f("widest")
	}
	widest = false
	if had {
		f("wide")
	}
	wide = false
	f("plain")
}

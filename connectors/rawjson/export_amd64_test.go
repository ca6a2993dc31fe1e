package rawjson

// Twins calls f once with wide comparisons, if the processor has them, and once
// without.
func Twins(f func(name string)) {
	had := wide
	defer func() { wide = had }()
	if had {
		f("wide")
	}
	wide = false
	f("plain")
}

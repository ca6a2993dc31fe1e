package evidence_test

// What the golden package of format v1 says of itself, for ever.
const (
	goldenKey  = "SHA256:fe85JkIjo8VPe+XqXJGH5Mau1EMFdK1OdKvJUFicyA8"
	goldenRoot = "cf9894451620330dfe035ff99c1c481ba92a22c33209405215b1eb8cd17225cb"
)

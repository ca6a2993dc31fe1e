package policy

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// render writes a specification as lines that look like YAML, keys in an order
// that reads like the manifests people write. It is made to be read and
// compared, not to be parsed.
func render(spec []byte) string {
	if spec == nil {
		return ""
	}
	n, ok := parse(spec)
	if !ok {
		return "spec: " + strconv.Quote(string(spec)) + "\n"
	}
	var out strings.Builder
	writeMember(&out, "", "spec", n)
	return out.String()
}

// rank is the place of a key among others of the same object.
func rank(key string) int {
	order := []string{
		"order", "selector", "namespaceSelector", "serviceAccountSelector", "tier", "stagedAction", "defaultAction", "podSelector", "subject", "priority",
		"types", "policyTypes",
		"action", "name", "ipVersion", "protocol", "notProtocol", "icmp", "notICMP", "http",
		"ingress", "egress", "from", "to", "source", "destination", "ports", "port", "endPort",
		"ipBlock", "cidr", "except", "nets", "notNets", "matchLabels", "matchExpressions", "key", "operator", "values",
	}
	if i := slices.Index(order, key); i >= 0 {
		return i
	}
	return len(order)
}

func writeMember(out *strings.Builder, indent, key string, n *node) {
	out.WriteString(indent + scalarText(key) + ":")
	writeValue(out, indent, key, n)
}

func writeValue(out *strings.Builder, indent, key string, n *node) {
	switch {
	case n.kind == object && len(n.list) > 0:
		out.WriteString("\n")
		writeObject(out, indent+"  ", indent+"  ", n)
	case n.kind == list && len(n.list) > 0:
		if key == "types" || key == "policyTypes" {
			out.WriteString(" [" + strings.Join(scalarTexts(n), ", ") + "]\n")
			return
		}
		out.WriteString("\n")
		for _, e := range n.list {
			writeElement(out, indent, e)
		}
	default:
		out.WriteString(" " + inline(n) + "\n")
	}
}

func writeElement(out *strings.Builder, indent string, n *node) {
	switch {
	case n.kind == object && len(n.list) > 0:
		writeObject(out, indent+"- ", indent+"  ", n)
	case n.kind == list && len(n.list) > 0:
		out.WriteString(indent + "-\n")
		for _, e := range n.list {
			writeElement(out, indent+"  ", e)
		}
	default:
		out.WriteString(indent + "- " + inline(n) + "\n")
	}
}

// writeObject writes the members; the first line has its own indent, which may
// hold the dash of a list.
func writeObject(out *strings.Builder, first, indent string, n *node) {
	keys := slices.Clone(n.keys)
	slices.SortStableFunc(keys, func(a, b string) int { return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(a, b)) })
	for i, key := range keys {
		if i == 0 {
			out.WriteString(first + scalarText(key) + ":")
			writeValue(out, indent, key, n.get(key))
			continue
		}
		writeMember(out, indent, key, n.get(key))
	}
}

// inline writes what fits on a line: scalars and what is empty.
func inline(n *node) string {
	switch n.kind {
	case text:
		return scalarText(n.text)
	case scalar:
		return n.text
	case list:
		return "[]"
	case object:
		return "{}"
	}
	return "null"
}

func scalarTexts(n *node) []string {
	out := make([]string, len(n.list))
	for i, e := range n.list {
		if out[i] = inline(e); e.kind == object || e.kind == list {
			out[i] = string(e.json())
		}
	}
	return out
}

// scalarText quotes a text that would otherwise be taken for something else or
// would break the line; what is quoted shows every character.
func scalarText(s string) string {
	if s == "" || strings.TrimSpace(s) != s || strings.ContainsFunc(s, func(c rune) bool { return !unicode.IsPrint(c) }) ||
		strings.Contains(s, ": ") || strings.HasSuffix(s, ":") || strings.Contains(s, " #") || strings.ContainsRune("-?:,[]{}#&*!|>'\"%@`", rune(s[0])) {
		return strconv.Quote(s)
	}
	switch s {
	case "null", "true", "false", "yes", "no", "on", "off", "~":
		return strconv.Quote(s)
	}
	if _, err := strconv.ParseFloat(s, 64); err == nil {
		return strconv.Quote(s)
	}
	return s
}

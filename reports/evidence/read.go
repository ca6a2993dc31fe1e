package evidence

import (
	"encoding/json"
	"strings"

	"logreeve/app/fault"
)

// Entry is one file of a package.
type Entry struct {
	Path    string
	Size    int
	SHA256  string
	Role    string // what it is for, as the manifest says; "" outside data/
	Records int    // lines of a .jsonl file
}

// Contents are what a package holds, read without verifying it.
type Contents struct {
	Manifest Manifest
	Entries  []Entry // in the order of the package
}

// Open reads what a package holds. It says nothing about whether that was
// altered: Verify does.
func Open(name string, b []byte) (*Contents, error) {
	entries, _, err := unpack(b)
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, err, "%s is not an evidence package: it cannot be read as one.", name)
	}
	c := &Contents{}
	for _, e := range entries {
		if e.name != nameManifest {
			continue
		}
		if err := json.Unmarshal(e.data, &c.Manifest); err != nil {
			return nil, fault.Wrap(fault.Invalid, err, "The manifest of %s cannot be read.", name)
		}
	}
	described := map[string]ManifestFile{}
	for _, f := range c.Manifest.Files {
		described[f.Path] = f
	}
	for _, e := range entries {
		f := described[e.name]
		c.Entries = append(c.Entries, Entry{Path: e.name, Size: len(e.data), SHA256: digest(e.data), Role: f.Role, Records: f.Records})
	}
	return c, nil
}

// Volumes is how many files the report has; all of them lie in the package.
func (c *Contents) Volumes() int {
	n := 1
	for i := range c.Entries {
		if IsVolume(c.Entries[i].Path) {
			n++
		}
	}
	return n
}

// IsVolume says whether a file of a package is a volume of the report other than
// the first.
func IsVolume(path string) bool {
	number, ok := strings.CutPrefix(path, "report-volume-")
	return ok && strings.HasSuffix(number, ".pdf")
}

// Report takes the PDF out of a package: volume 1, when the report has several.
func Report(name string, b []byte) ([]byte, error) {
	entries, _, err := unpack(b)
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, err, "%s is not an evidence package: it cannot be read as one.", name)
	}
	for _, e := range entries {
		if e.name == nameReport {
			return e.data, nil
		}
	}
	return nil, fault.New(fault.NotFound, "The package %s holds no report.", name)
}

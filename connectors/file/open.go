package file

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"logreeve/app/fault"
	"logreeve/connectors"
	"logreeve/connectors/authlog"
	"logreeve/connectors/kubernetes"
)

// Options are what a source cannot know by itself.
type Options struct {
	Year  int            // of syslog lines without one; 0: from the file's modification time
	Zone  *time.Location // of syslog lines without one; nil: UTC
	Stdin io.Reader      // what "-" reads
	// Now dates events after the read itself, and the lines of a stream, which
	// has no modification time. Without it neither is done.
	Now func() time.Time
}

// Open finds the files of a specification and makes one source for each kind of
// log among them. Files of a folder or glob that are no log are skipped and
// named in Completeness; a file that is named itself must be a log. Errors:
// fault.NotFound and fault.Unavailable with the path, fault.Invalid for a kind
// that is not read from files.
func Open(spec Spec, opts Options) ([]connectors.Source, error) {
	if _, ok := formatOf(spec.Kind); spec.Kind != "" && !ok {
		return nil, fault.Field("source", "This version does not read %s from files.", spec.Kind)
	}
	o := opener{spec: spec, opts: opts}
	inputs, named, err := o.find()
	if err != nil {
		return nil, err
	}
	byKind := map[connectors.Kind][]*input{}
	for _, in := range inputs {
		kind, err := o.kindOf(in, named)
		if err != nil {
			return nil, err
		}
		if kind != "" {
			byKind[kind] = append(byKind[kind], in)
		}
	}
	if len(byKind) == 0 {
		return nil, o.nothing()
	}
	var sources []connectors.Source
	for _, f := range formats {
		inputs := byKind[f.kind]
		if len(inputs) == 0 {
			continue
		}
		o.order(f, inputs)
		name := spec.Name
		switch {
		case name == "":
			name = string(f.kind)
		case len(byKind) > 1:
			name += "-" + string(f.kind)
		}
		sources = append(sources, &Source{
			name: name, format: f, inputs: inputs, opts: opts, where: spec.Target, skipped: o.skipped, problems: o.problems,
			chunk: chunkSize, spacing: spacing,
		})
	}
	return sources, nil
}

// opener collects what is found on the way.
type opener struct {
	spec     Spec
	opts     Options
	skipped  []connectors.Skipped
	problems []connectors.Problem
}

// find lists the files of the target; named says that it is one file.
func (o *opener) find() (inputs []*input, named bool, err error) {
	target := o.spec.Target
	if target == "-" {
		if o.opts.Stdin == nil {
			return nil, false, fault.New(fault.Unavailable, "Standard input cannot be read here.")
		}
		return []*input{o.stream("-", o.opts.Stdin)}, true, nil
	}
	info, err := os.Stat(target)
	switch {
	case err == nil && info.IsDir():
		return o.folder(target), false, nil
	case err == nil && !info.Mode().IsRegular():
		f, err := os.Open(target) //nolint:gosec // the file a person named
		if err != nil {
			return nil, false, unreadable(target, err)
		}
		return []*input{o.stream(target, f)}, true, nil
	case err == nil:
		return []*input{{path: target, size: info.Size(), modified: info.ModTime()}}, true, nil
	case !errors.Is(err, fs.ErrNotExist):
		return nil, false, unreadable(target, err)
	}
	matches, err := filepath.Glob(target)
	if err != nil || len(matches) == 0 {
		if strings.ContainsAny(target, "*?[") {
			return nil, false, fault.New(fault.NotFound, "No file matches %s.", target)
		}
		return nil, false, fault.New(fault.NotFound, "%s does not exist.", target)
	}
	for _, m := range matches {
		info, err := os.Stat(m)
		switch {
		case err != nil:
			o.problems = append(o.problems, connectors.Problem{Where: m, Reason: "cannot be opened: " + plain(err)})
		case info.IsDir():
			inputs = append(inputs, o.folder(m)...)
		case info.Mode().IsRegular():
			inputs = append(inputs, &input{path: m, size: info.Size(), modified: info.ModTime()})
		}
	}
	return o.distinct(inputs), false, nil
}

func (o *opener) stream(path string, r io.Reader) *input {
	in := &input{path: path, stream: bufio.NewReaderSize(r, sampleSize)}
	if o.opts.Now != nil {
		in.modified = o.opts.Now()
	}
	return in
}

// folder lists the files of a folder and the folders in it.
func (o *opener) folder(root string) (inputs []*input) {
	_ = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			o.problems = append(o.problems, connectors.Problem{Where: path, Reason: "cannot be listed: " + plain(err)})
			if d != nil && d.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		if d.IsDir() {
			return nil
		}
		info, err := os.Stat(path)
		switch {
		case err != nil:
			o.problems = append(o.problems, connectors.Problem{Where: path, Reason: "cannot be opened: " + plain(err)})
		case info.Mode().IsRegular():
			inputs = append(inputs, &input{path: path, size: info.Size(), modified: info.ModTime()})
		}
		return nil
	})
	return o.distinct(inputs)
}

// distinct leaves out files that are listed under two names.
func (o *opener) distinct(inputs []*input) (kept []*input) {
	type found struct {
		info fs.FileInfo
		path string
	}
	bySize := map[int64][]found{}
next:
	for _, in := range inputs {
		info, err := os.Stat(in.path)
		if err == nil {
			for _, f := range bySize[info.Size()] {
				if os.SameFile(f.info, info) {
					o.skipped = append(o.skipped, connectors.Skipped{File: in.path, Reason: "is the same file as " + f.path})
					continue next
				}
			}
			bySize[info.Size()] = append(bySize[info.Size()], found{info, in.path})
		}
		kept = append(kept, in)
	}
	return kept
}

// kindOf finds out what an input holds; empty when it is skipped.
func (o *opener) kindOf(in *input, named bool) (connectors.Kind, error) {
	sample, err := in.readSample()
	if err != nil {
		if named {
			return "", unreadable(in.path, err)
		}
		o.problems = append(o.problems, connectors.Problem{Where: in.path, Reason: "cannot be read: " + plain(err)})
		return "", nil
	}
	in.sample = sample
	if o.spec.Kind != "" {
		f, _ := formatOf(o.spec.Kind)
		fits, lines := f.recognise(sample)
		switch {
		case fits > 0, named && lines == 0: // an empty log is a log
			return o.spec.Kind, nil
		case named:
			return "", fault.New(fault.Unavailable, "%s is no %s log: %s.", in.path, o.spec.Kind, seen(sample))
		}
		o.skip(in, "is no "+string(o.spec.Kind)+" log: "+seen(sample))
		return "", nil
	}
	switch best := recognised(sample); {
	case len(best) == 1:
		return best[0].kind, nil
	case len(best) > 1:
		names := make([]string, len(best))
		for i, f := range best {
			names[i] = string(f.kind)
		}
		return "", fault.New(fault.Unavailable, "%s fits %s equally well. Name the kind, for example %s:%s.", in.path, strings.Join(names, " and "), names[0], in.path)
	case named:
		return "", fault.New(fault.Unavailable, "%s is no log that can be read: %s.", in.path, seen(sample))
	}
	o.skip(in, "is no log that can be read: "+seen(sample))
	return "", nil
}

func (o *opener) skip(in *input, reason string) {
	o.skipped = append(o.skipped, connectors.Skipped{File: in.path, Reason: reason})
}

// nothing explains that no file of a folder or glob is a log.
func (o *opener) nothing() error {
	if len(o.problems) > 0 {
		p := o.problems[0]
		return fault.New(fault.Unavailable, "%s holds no log that can be read: %s %s.", o.spec.Target, p.Where, p.Reason)
	}
	if len(o.skipped) > 0 {
		s := o.skipped[0]
		return fault.New(fault.NotFound, "%s holds no log: of its %d files, the first, %s, %s.", o.spec.Target, len(o.skipped), s.File, s.Reason)
	}
	return fault.New(fault.NotFound, "%s holds no files.", o.spec.Target)
}

// order sorts inputs by the time of their first event, so that rotated files
// are read as the one log they were.
func (o *opener) order(f format, inputs []*input) {
	for _, in := range inputs {
		in.document = f.kind == connectors.Kubernetes && kubernetes.Document(in.sample)
		in.oldest = o.firstTime(f, in)
		in.sample = nil
	}
	slices.SortStableFunc(inputs, func(a, b *input) int {
		return cmp.Or(cmp.Compare(a.oldest, b.oldest), strings.Compare(a.path, b.path))
	})
}

// firstTime is the time of the first event of an input.
func (o *opener) firstTime(f format, in *input) connectors.Instant {
	o.date(f, in)
	p := f.session().parser()
	first := connectors.At(in.modified)
	lines(in, in.sample, func(record []byte) bool {
		events, _, _ := p.parse(record, connectors.Ref{}, in, nil, nil)
		if len(events) > 0 {
			first = events[0].Time
		}
		return len(events) == 0
	})
	return first
}

// date gives an auth log its calendar.
func (o *opener) date(f format, in *input) {
	if f.kind != connectors.AuthLog {
		return
	}
	tail, _ := in.readTail() // a problem is met again while reading
	in.calendar = authlog.NewCalendar(tail, in.modified, o.opts.Year, o.opts.Zone)
}

func unreadable(path string, err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return fault.Wrap(fault.NotFound, err, "%s does not exist.", path)
	}
	return fault.Wrap(fault.Unavailable, err, "%s cannot be read: %s.", path, plain(err))
}

// plain says what went wrong without repeating the path.
func plain(err error) string {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		err = pe.Err
	}
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF):
		return "the compressed data ends too early"
	case errors.Is(err, fs.ErrPermission):
		return "permission is denied"
	}
	return fmt.Sprint(err)
}

package evidence

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
)

// The container is a zip file in one fixed form (package/v1): entries stored
// without compression, in the order written, no extra fields, no comments, one
// fixed date. A form with exactly one encoding makes every byte of the file
// count: verification writes the entries again and compares.

// entry is one file in the container.
type entry struct {
	name string
	data []byte
}

const (
	localSignature   = 0x04034b50
	centralSignature = 0x02014b50
	endSignature     = 0x06054b50
	zipVersion       = 20
	flagUTF8         = 1 << 11
	dosDate          = 0x21 // 1 January 1980
	localHeader      = 30
	centralHeader    = 46
	endRecord        = 22
	maxEntries       = 10_000
	maxContainer     = 1 << 30
)

// pack writes the entries as a container.
func pack(entries []entry) ([]byte, error) {
	size := endRecord
	for _, e := range entries {
		size += localHeader + centralHeader + 2*len(e.name) + len(e.data)
	}
	if size > maxContainer || len(entries) > maxEntries {
		return nil, fmt.Errorf("a package of %d bytes in %d files is more than this format holds", size, len(entries))
	}
	out := make([]byte, 0, size)
	offsets := make([]uint32, len(entries))
	for i, e := range entries {
		offsets[i] = uint32(len(out)) //nolint:gosec // below maxContainer
		out = binary.LittleEndian.AppendUint32(out, localSignature)
		out = appendCommon(out, e)
		out = append(out, e.name...)
		out = append(out, e.data...)
	}
	directory := len(out)
	for i, e := range entries {
		out = binary.LittleEndian.AppendUint32(out, centralSignature)
		out = binary.LittleEndian.AppendUint16(out, zipVersion)
		out = appendCommon(out, e)
		out = binary.LittleEndian.AppendUint16(out, 0) // comment length
		out = binary.LittleEndian.AppendUint16(out, 0) // disk
		out = binary.LittleEndian.AppendUint16(out, 0) // internal attributes
		out = binary.LittleEndian.AppendUint32(out, 0) // external attributes
		out = binary.LittleEndian.AppendUint32(out, offsets[i])
		out = append(out, e.name...)
	}
	end := len(out)
	out = binary.LittleEndian.AppendUint32(out, endSignature)
	out = binary.LittleEndian.AppendUint32(out, 0)                     // this disk, directory's disk
	out = binary.LittleEndian.AppendUint16(out, uint16(len(entries)))  //nolint:gosec // below maxEntries
	out = binary.LittleEndian.AppendUint16(out, uint16(len(entries)))  //nolint:gosec // below maxEntries
	out = binary.LittleEndian.AppendUint32(out, uint32(end-directory)) //nolint:gosec // below maxContainer
	out = binary.LittleEndian.AppendUint32(out, uint32(directory))     //nolint:gosec // below maxContainer
	return binary.LittleEndian.AppendUint16(out, 0), nil               // comment length
}

// appendCommon writes what local and central headers share.
func appendCommon(out []byte, e entry) []byte {
	out = binary.LittleEndian.AppendUint16(out, zipVersion)
	out = binary.LittleEndian.AppendUint16(out, flagUTF8)
	out = binary.LittleEndian.AppendUint16(out, 0) // stored
	out = binary.LittleEndian.AppendUint16(out, 0) // midnight
	out = binary.LittleEndian.AppendUint16(out, dosDate)
	out = binary.LittleEndian.AppendUint32(out, crc32.ChecksumIEEE(e.data))
	out = binary.LittleEndian.AppendUint32(out, uint32(len(e.data))) //nolint:gosec // below maxContainer
	out = binary.LittleEndian.AppendUint32(out, uint32(len(e.data))) //nolint:gosec // below maxContainer
	out = binary.LittleEndian.AppendUint16(out, uint16(len(e.name))) //nolint:gosec // our own names
	return binary.LittleEndian.AppendUint16(out, 0)                  // extra length
}

var errNoContainer = errors.New("it does not begin as a package of this product does")

// unpack reads a container as far as it can: what it cannot read ends up in
// problems. The files are read twice, from the beginning and from the directory
// at the end, so that damage to one of the two does not take the other along.
func unpack(b []byte) (entries []entry, problems []Problem, err error) {
	forward := readForward(b)
	if len(forward) > 0 {
		again, err := pack(forward)
		if err == nil && bytes.Equal(again, b) {
			return forward, nil, nil
		}
		files := 0 // bytes before the directory
		for _, e := range forward {
			files += localHeader + len(e.name) + len(e.data)
		}
		if err == nil && bytes.Equal(again[:files], b[:files]) {
			return forward, []Problem{{Path: outside, What: "the directory at the end of the file is not as it was sealed"}}, nil
		}
	}
	if entries = readDirectory(b); entries != nil {
		return entries, nil, nil
	}
	if len(forward) == 0 {
		return nil, nil, errNoContainer
	}
	return forward, []Problem{{Path: outside, What: "the directory at the end of the file is damaged"}}, nil
}

// outside stands for the parts of a container that belong to no file.
const outside = "(container)"

// readForward reads local headers one after the other, from the beginning.
func readForward(b []byte) (entries []entry) {
	at := 0
	for at+localHeader <= len(b) && binary.LittleEndian.Uint32(b[at:]) == localSignature && len(entries) < maxEntries {
		size := int(binary.LittleEndian.Uint32(b[at+18:]))
		nameLength := int(binary.LittleEndian.Uint16(b[at+26:]))
		from := at + localHeader + nameLength
		if from+size > len(b) {
			break
		}
		entries = append(entries, entry{string(b[at+localHeader : from]), b[from : from+size]})
		at = from + size
	}
	return entries
}

// readDirectory reads the files that the directory names; nil when it is damaged.
func readDirectory(b []byte) (entries []entry) {
	end := len(b) - endRecord
	if end < 0 || binary.LittleEndian.Uint32(b[end:]) != endSignature {
		return nil
	}
	count := int(binary.LittleEndian.Uint16(b[end+10:]))
	at := int(binary.LittleEndian.Uint32(b[end+16:]))
	for range count {
		if at+centralHeader > end || binary.LittleEndian.Uint32(b[at:]) != centralSignature {
			return nil
		}
		size := int(binary.LittleEndian.Uint32(b[at+24:]))
		nameLength := int(binary.LittleEndian.Uint16(b[at+28:]))
		from := int(binary.LittleEndian.Uint32(b[at+42:])) + localHeader + nameLength
		if at+centralHeader+nameLength > end || from+size > len(b) {
			return nil
		}
		entries = append(entries, entry{string(b[at+centralHeader : at+centralHeader+nameLength]), b[from : from+size]})
		at += centralHeader + nameLength
	}
	return entries
}

// place names the entry whose header or content holds the offset.
func place(entries []entry, offset int) string {
	at := 0
	for _, e := range entries {
		at += localHeader + len(e.name) + len(e.data)
		if offset < at {
			return e.name
		}
	}
	for _, e := range entries {
		at += centralHeader + len(e.name)
		if offset < at {
			return e.name
		}
	}
	return outside
}

package sealing

import (
	"archive/zip"
	"bytes"
	"context"
	"fmt"

	"logreeve/connectors"
	"logreeve/reports/pdf"
	"logreeve/reviews"
)

// Draft is a report for reading before anybody signed, as a file to keep: one
// PDF, or a zip of its volumes when the report is longer than one file holds
// well.
type Draft struct {
	Name  string // draft-W0-2026-W46.pdf
	Kind  string // media type
	Bytes []byte
}

// Draft writes the report of a review as it stands, marked as a draft.
func (s *Sealer) Draft(ctx context.Context, r *reviews.Review) (Draft, error) {
	d, err := s.Gather(ctx, r)
	if err != nil {
		return Draft{}, err
	}
	d.Draft, d.SealedAt = true, connectors.At(s.Now())
	out := Draft{Name: "draft-" + r.ID + ".pdf", Kind: "application/pdf"}
	var volumes bytes.Buffer
	archive := zip.NewWriter(&volumes)
	err = pdf.Render(d, pdf.Seal{Fingerprint: s.info.Fingerprint}, func(v pdf.Volume) error {
		if v.Of == 1 {
			out.Bytes = v.File
			return nil
		}
		w, err := archive.CreateHeader(&zip.FileHeader{Name: v.Name, Method: zip.Store}) // a PDF is packed already
		if err == nil {
			_, err = w.Write(v.File)
		}
		return err
	})
	if err != nil {
		return Draft{}, err
	}
	if out.Bytes != nil {
		return out, nil
	}
	if err := archive.Close(); err != nil {
		return Draft{}, fmt.Errorf("pack the volumes of the draft of %s: %w", r.ID, err)
	}
	return Draft{Name: "draft-" + r.ID + ".zip", Kind: "application/zip", Bytes: volumes.Bytes()}, nil
}

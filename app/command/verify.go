package command

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"logreeve/app/fault"
	"logreeve/reports/evidence"
)

func verifyCommand() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use: "verify FILE…", Short: "Verify evidence packages, offline", Args: cobra.MinimumNArgs(1),
		Long: "Verifies evidence packages without network or database.\nExit code: 0 valid, 1 altered (every file and record that differs is named), 2 not readable as a package.",
		RunE: func(c *cobra.Command, files []string) error {
			worst := exitOK
			for _, name := range files {
				code, err := verifyOne(c, name, asJSON)
				if err != nil {
					return err
				}
				worst = max(worst, code)
			}
			return exit{code: worst}
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print one JSON object a file")
	return c
}

// maxPackage bounds what verify reads into memory.
const maxPackage = 1 << 30

func verifyOne(c *cobra.Command, name string, asJSON bool) (int, error) {
	info, err := os.Stat(name)
	if err == nil && info.IsDir() {
		return unreadable(c, name, name+" is a folder. Give the package file, or verify an unpacked one with sha256sum and ssh-keygen as its README-VERIFY.txt says.", asJSON)
	}
	if err == nil && info.Size() > maxPackage {
		return unreadable(c, name, name+" is larger than any package of this product.", asJSON)
	}
	b, err := os.ReadFile(name) //nolint:gosec // the file the person named
	if err != nil {
		return unreadable(c, name, name+" cannot be read: "+err.Error()+".", asJSON)
	}
	v, err := evidence.Verify(name, b)
	if err != nil {
		return unreadable(c, name, fault.Message(err), asJSON)
	}
	if asJSON {
		if err := json.NewEncoder(c.OutOrStdout()).Encode(v); err != nil {
			return exitOurFault, fmt.Errorf("print the verdict: %w", err)
		}
	} else {
		printVerdict(c, v)
	}
	if !v.Valid {
		return exitFound, nil
	}
	return exitOK, nil
}

func unreadable(c *cobra.Command, name, sentence string, asJSON bool) (int, error) {
	if asJSON {
		v := evidence.Verdict{File: name, SignedBy: []string{}, Problems: []evidence.Problem{{Path: name, What: sentence}}}
		if err := json.NewEncoder(c.OutOrStdout()).Encode(v); err != nil {
			return exitOurFault, fmt.Errorf("print the verdict: %w", err)
		}
		return exitCannotTell, nil
	}
	fmt.Fprintln(c.ErrOrStderr(), "logreeve: "+sentence)
	return exitCannotTell, nil
}

func printVerdict(c *cobra.Command, v *evidence.Verdict) {
	w := c.OutOrStdout()
	if v.Valid {
		fmt.Fprintf(w, "%s: valid. Nothing was altered since it was sealed.\n  %s\n  signed by %s\n  sealed %s\n  evidence root %s\n  signing key %s\n  Compare the key with the fingerprint you got another way.\n",
			v.File, v.Title, strings.Join(v.SignedBy, "; "), v.SignedAt, v.Root, v.Key)
		return
	}
	fmt.Fprintf(w, "%s: ALTERED. %d differences from what was signed:\n", v.File, len(v.Problems))
	for _, p := range v.Problems {
		at := p.Path
		if p.Record != "" {
			at += ", " + p.Record
		}
		fmt.Fprintf(w, "  %s: %s\n", at, p.What)
	}
}

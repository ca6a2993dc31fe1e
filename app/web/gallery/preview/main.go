// Command preview writes the gallery to a folder, or serves it with the
// product's content security policy and a stand-in for the review's answers:
//
//	go run ./app/web/gallery/preview -out /tmp/gallery
//	go run ./app/web/gallery/preview -serve 127.0.0.1:8099
package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io/fs"
	"log"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"logreeve/app/web/gallery"
)

func main() {
	root := flag.String("root", ".", "the repository")
	out := flag.String("out", "", "folder to write to")
	serve := flag.String("serve", "", "address to serve on")
	flag.Parse()
	var err error
	switch files := os.DirFS(*root); {
	case *serve != "":
		err = http.ListenAndServe(*serve, handler(files))
	case *out != "":
		err = write(files, *out)
	default:
		err = fmt.Errorf("say -out FOLDER or -serve ADDRESS")
	}
	if err != nil {
		log.Fatal(err)
	}
}

// write makes a folder whose pages open from the file system. A browser does not
// read a sprite from another file there, so the symbols stand in each page.
func write(root fs.FS, out string) error {
	sprite, err := fs.ReadFile(root, "static/img/icons.svg")
	if err != nil {
		return err
	}
	static, err := fs.Sub(root, "static")
	if err != nil {
		return err
	}
	if err := os.CopyFS(filepath.Join(out, "static"), static); err != nil {
		return err
	}
	for _, sheet := range gallery.Sheets() {
		page, err := gallery.Render(root, sheet, func(name string) string { return "static/" + name })
		if err != nil {
			return err
		}
		hidden := strings.Replace(string(sprite), "<svg ", `<svg hidden `, 1)
		page = bytes.ReplaceAll(page, []byte("static/img/icons.svg#"), []byte("#"))
		page = bytes.Replace(page, []byte("<body>"), []byte("<body>"+hidden), 1)
		if err := os.WriteFile(filepath.Join(out, sheet.Name+".html"), page, 0o644); err != nil {
			return err
		}
	}
	return nil
}

func handler(root fs.FS) http.Handler {
	asset := func(name string) string { return "/static/" + name }
	mux := http.NewServeMux()
	mux.Handle("GET /static/", http.FileServerFS(root))
	for _, sheet := range gallery.Sheets() {
		mux.HandleFunc("GET /"+sheet.Name+".html", func(w http.ResponseWriter, _ *http.Request) {
			answer(w, func() ([]byte, error) { return gallery.Render(root, sheet, asset) })
		})
	}
	mux.HandleFunc("GET /reviews/{id}/items/{key}", func(w http.ResponseWriter, r *http.Request) {
		key := r.PathValue("key")
		answer(w, func() ([]byte, error) { return gallery.RenderItem(root, gallery.ItemData(key, key == "k2"), asset) })
	})
	decided := 41
	mux.HandleFunc("POST /reviews/{id}/items/{key}/decision", func(w http.ResponseWriter, r *http.Request) {
		var body struct {
			Decision, Reason string
			Version          int
		}
		if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		if strings.Contains(body.Reason, "refuse") {
			say(w, http.StatusConflict, map[string]any{"message": "Lena Vogt decided this item a moment ago. Look again."})
			return
		}
		decided++
		say(w, http.StatusOK, map[string]any{"state": body.Decision, "version": body.Version + 1, "by": "Omar Keita", "at": "2026-11-21T10:00:00Z", "decided": decided, "total": 47})
	})
	mux.HandleFunc("POST /reviews/{id}/items/{key}/undo", func(w http.ResponseWriter, _ *http.Request) {
		decided--
		say(w, http.StatusOK, map[string]any{"state": "pending", "version": 9, "decided": decided, "total": 47})
	})
	mux.HandleFunc("POST /reviews/{id}/decisions", func(w http.ResponseWriter, r *http.Request) {
		var body struct{ Keys []string }
		if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		decided += len(body.Keys)
		say(w, http.StatusOK, map[string]any{"version": 5, "decided": decided, "total": 47})
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
		mux.ServeHTTP(w, r)
	})
}

func answer(w http.ResponseWriter, page func() ([]byte, error)) {
	body, err := page()
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = w.Write(body)
}

func say(w http.ResponseWriter, status int, body map[string]any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}

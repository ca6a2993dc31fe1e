package web

import (
	"strconv"

	"github.com/gofiber/fiber/v2"

	"logreeve/app/fault"
	"logreeve/app/runs"
	"logreeve/app/web/part"
)

// sourceEditPage is the form for a new source or a changed one.
type sourceEditPage struct {
	Page
	Head    part.Head
	Tabs    *part.Tabs // where the logs lie; nil: that stands
	Post    string     // where Save goes
	ID      string
	Version int64
	Store   runs.StoreKind
	Where   string // heading of the form
	Errors  []part.FieldError
	Fields  []part.Field // of a file source
	Search  *storeForm   // of a search store
	Look    *look        // what a look at it found
	Ready   bool         // it can be read: Save is the thing to do
}

func newSourceEditPage(frame Page, form sourceForm, l *look, faults Faults) *sourceEditPage {
	src := form.Source
	p := &sourceEditPage{
		Page: frame, ID: src.ID, Version: src.Version, Store: src.Store, Look: l, Errors: faults.List(sourceFields[:]...), Post: "/sources", Where: "Where the logs lie",
		Head: part.Head{Crumbs: []part.Link{{Text: "Sources", Href: "/sources"}, {Text: "Connect a source"}}, Title: "Connect a source",
			Lede: "Say where the logs lie and look at them before you save. Nothing is copied: runs read the logs where they are."},
	}
	if src.Store == runs.Files {
		p.Fields = form.fields(faults)
	} else {
		p.Where, p.Search = storeWord(src.Store), form.storeForm(frame.Format(), faults)
	}
	p.Ready = l != nil && l.Problem == nil && len(l.Found) > 0
	if src.ID == "" {
		p.Tabs = storeTabs(src.Store)
		return p
	}
	p.Post = "/sources/" + src.ID
	p.Head.Crumbs[1] = part.Link{Text: src.Name, Href: "/sources/" + src.ID}
	p.Head.Crumbs = append(p.Head.Crumbs, part.Link{Text: "Change"})
	p.Head.Title, p.Head.Lede = "Change "+src.Name, "Runs use what stands here from the next one on. Results of earlier runs stay as they are."
	return p
}

// storeTabs are the places where logs can lie.
func storeTabs(current runs.StoreKind) *part.Tabs {
	t := &part.Tabs{Label: "Where the logs lie"}
	for _, k := range []runs.StoreKind{runs.Files, runs.OpenSearch, runs.Elasticsearch, runs.Calico} {
		href := "/sources/new"
		if k != runs.Files {
			href += "?store=" + string(k)
		}
		t.Tabs = append(t.Tabs, part.Tab{Text: storeWord(k), Href: href, Current: k == current})
	}
	return t
}

func (s *Server) sourceNew(c *fiber.Ctx) error {
	form := blankSourceForm(runs.StoreKind(c.Query("store")))
	form.Own = s.config.Profiles
	return s.render(c, "source_edit", newSourceEditPage(s.page(c, "Connect a source", "sources"), form, nil, nil))
}

func (s *Server) sourceEdit(c *fiber.Ctx) error {
	src, err := s.Runs.Source(c.UserContext(), c.Params("id"))
	if err != nil {
		return err
	}
	by, err := s.givenBy(c, src)
	if err != nil {
		return err
	}
	form := newSourceForm(*src, by)
	form.Own = s.config.Profiles
	return s.render(c, "source_edit", newSourceEditPage(s.page(c, "Change "+src.Name, "sources"), form, nil, nil))
}

// givenBy is who gave the stored credentials of a source, "" if nobody did.
func (s *Server) givenBy(c *fiber.Ctx, src *runs.Source) (string, error) {
	if !src.Secret.Set() {
		return "", nil
	}
	names, err := s.actorNames(c.UserContext(), src.Secret.By)
	return or(names[src.Secret.By], src.Secret.By), err
}

// known adds to a form what is stored or set up and not on it.
func (s *Server) known(c *fiber.Ctx, form *sourceForm) error {
	form.Own = s.config.Profiles
	if form.Source.ID == "" {
		return nil
	}
	now, err := s.Runs.Source(c.UserContext(), form.Source.ID)
	if err != nil {
		return err
	}
	form.Source.Store, form.Source.AddedAt, form.Source.Disabled, form.Source.Secret = now.Store, now.AddedAt, now.Disabled, now.Secret
	form.By, err = s.givenBy(c, now)
	return err
}

// sourceProbe looks at the source as the form describes it and shows the form
// again with what it found. Nothing is saved.
func (s *Server) sourceProbe(c *fiber.Ctx) error {
	form, faults := readSourceForm(readForm(c))
	if err := s.known(c, &form); err != nil {
		return err
	}
	frame := s.page(c, "Connect a source", "sources")
	var l *look
	if len(faults) == 0 {
		src := form.Source
		if src.Name == "" {
			src.Name = suggestedName(src) // to look, it needs no name of its own
		}
		s.carry(c, &form)
		probes, err := s.Runs.ProbeWith(c.UserContext(), src, form.Given)
		found, bad := faultsOf(err)
		switch {
		case bad:
			faults = form.placed(found)
		case err != nil && fault.KindOf(err) == fault.Internal:
			return err
		default:
			l = newLook(frame.Format(), frame.Now, src, probes, err)
			if l.Problem != nil {
				form.Carried = "" // perhaps they were the problem
			}
		}
	}
	page := newSourceEditPage(frame, form, l, faults)
	if len(faults) > 0 {
		return s.renderInvalid(c, "source_edit", page)
	}
	return s.render(c, "source_edit", page)
}

// carry takes the credentials of the look before, if none are given anew, and
// seals those there are for the form.
func (s *Server) carry(c *fiber.Ctx, form *sourceForm) {
	if !form.Given.Given() {
		form.Given = s.Runs.Carried(s.actor(c), form.Source, form.Carried)
	}
	sealed, err := s.Runs.Carry(s.actor(c), form.Source, form.Given)
	if err != nil {
		sealed = "" // they have to be given again
	}
	form.Carried = sealed
}

// sourceProbeForm leads those who load the answer of a look again to the form.
func (s *Server) sourceProbeForm(c *fiber.Ctx) error { return s.redirect(c, "/sources/new") }

// suggestedName is a name for a source that has none yet.
func suggestedName(src runs.Source) string {
	if src.Kind != "" {
		return string(src.Kind)
	}
	return "logs"
}

func (s *Server) sourceSave(c *fiber.Ctx) error {
	form, faults := readSourceForm(readForm(c))
	form.Source.ID = c.Params("id")
	if err := s.known(c, &form); err != nil {
		return err
	}
	had := form.Source.Secret.Set()
	var saved *runs.Source
	if len(faults) == 0 {
		s.carry(c, &form)
		var err error
		saved, err = s.Runs.SaveSourceWith(c.UserContext(), s.actor(c), form.Source, form.Given)
		found, bad := faultsOf(err)
		if err != nil && !bad {
			return err
		}
		faults = form.placed(found)
	}
	if len(faults) > 0 {
		return s.renderInvalid(c, "source_edit", newSourceEditPage(s.page(c, "Connect a source", "sources"), form, nil, faults))
	}
	return s.sourceSaved(c, saved, had)
}

// sourceSaved goes to the saved source, which is looked at there and then, so
// that nobody trusts a source that cannot be read. had says that it had
// credentials before.
func (s *Server) sourceSaved(c *fiber.Ctx, src *runs.Source, had bool) error {
	switch _, err := s.Runs.Probe(c.UserContext(), *src); {
	case had && !src.Secret.Set() && src.SignIn != runs.NoSignIn:
		s.flash(c, "warn", src.Name+" is saved. Its credentials were for the earlier address and are removed: give them again.")
		return s.redirect(c, "/sources/"+src.ID+"/edit")
	case err != nil:
		s.flash(c, "warn", src.Name+" is saved, but it cannot be read now. See below what to do.")
	default:
		s.flash(c, "ok", src.Name+" is saved. The next run reads it.")
	}
	return s.redirect(c, "/sources/"+src.ID+"?look=now")
}

// formNumber is a whole number of a form; 0 when there is none.
func formNumber(c *fiber.Ctx, name string) int64 {
	n, _ := strconv.ParseInt(readForm(c).Get(name), 10, 64)
	return n
}

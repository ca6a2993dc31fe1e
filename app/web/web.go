// Package web owns the pages: the server, its middleware, the routes table, the
// rendering and one file a page. It asks services and decides nothing that is
// not about HTTP; it never sees the database. Together with app/api it is the
// only importer of fiber; no *fiber.Ctx leaves it.
//
// A page is four things of one name: noun_verb.go with the handler, the page
// struct and its builder; templates/pages/noun_verb.html; a line in routes.go;
// a fixture in fixtures_test.go. The handler reads input, calls one service
// method and renders or redirects:
//
//	func (s *Server) findingShow(c *fiber.Ctx) error {
//		f, err := s.Findings.Finding(c.UserContext(), s.actor(c), c.Params("id"))
//		if err != nil {
//			return err // a fault; errors.go makes the page of it
//		}
//		return s.render(c, "finding_show", newFindingShowPage(s.page(c, f.Title, "findings"), f))
//	}
//
// Services get c.UserContext(), which ends with the request's time limit and
// with the server, and s.actor(c); never c or c.Context().
package web

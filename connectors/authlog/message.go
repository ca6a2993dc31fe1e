package authlog

import (
	"strconv"
	"strings"

	"logreeve/connectors"
)

// role is what a line is to an attempt to log in over SSH.
type role uint8

const (
	noRole   role = iota
	accepted      // let in
	failed        // refused once
	invalid       // the account does not exist or may not log in
	limited       // too many tries; the closing line follows
	closing       // ended before anybody was let in, naming an account
	ended         // ended before anybody was let in, naming none
)

// facts are what a message says. All strings are pieces of the message.
type facts struct {
	category   connectors.Category
	verb       string
	outcome    connectors.Outcome
	login      string
	effective  string
	kind       connectors.ActorKind
	credential string
	address    string
	command    string
	resource   string
	name       string
	role       role
}

// read reads the message of a program. What it does not know is category other.
func read(program, message string) facts {
	f := facts{category: connectors.CategoryOther, outcome: connectors.Unknown}
	if strings.HasPrefix(message, "pam_") {
		pam(program, message, &f)
		return f
	}
	switch program {
	case "sshd", "sshd-session", "sshd-auth":
		sshd(message, &f)
	case "sudo":
		sudo(message, &f)
	case "su", "su-l":
		su(message, &f)
	case "useradd", "userdel", "usermod", "groupadd", "groupdel", "groupmod", "passwd", "chage", "gpasswd", "chsh", "chfn", "newusers", "chpasswd":
		account(message, &f)
	case "systemd-logind", "systemd":
		logind(program, message, &f)
	case "CRON", "cron", "crond":
		cron(message, &f)
	case "login":
		console(message, &f)
	}
	return f
}

// repeated unwraps what rsyslog writes for lines that follow each other.
func repeated(message string) (inner string, times int) {
	rest, ok := strings.CutPrefix(message, "message repeated ")
	if !ok {
		return message, 1
	}
	count, rest, ok := strings.Cut(rest, " times: [")
	n, err := strconv.Atoi(count)
	if !ok || err != nil || n < 1 || n > maxRepeats || !strings.HasSuffix(rest, "]") {
		return message, 1
	}
	return strings.TrimPrefix(strings.TrimSuffix(rest, "]"), " "), n
}

// maxRepeats bounds what one line can claim.
const maxRepeats = 100_000

// sshd reads messages of OpenSSH's auth.c, auth2.c and packet.c. The user is
// whatever the client sent; so the fixed parts are taken from the right.
func sshd(m string, f *facts) {
	preauth := strings.HasSuffix(m, " [preauth]")
	m = strings.TrimSuffix(m, " [preauth]")
	word, rest, _ := strings.Cut(m, " ")
	switch word {
	case "Accepted", "Failed", "Postponed", "Partial":
		method, rest, ok := strings.Cut(rest, " for ")
		if !ok || strings.Contains(method, " ") {
			return
		}
		user, address, info, ok := peer(rest)
		if !ok {
			return
		}
		f.verb, f.address = method, address
		switch word {
		case "Accepted":
			f.category, f.outcome, f.role = connectors.CategoryLogin, connectors.OK, accepted
			f.login, f.credential = user, credential(info)
		case "Failed":
			refuse(f, strings.TrimPrefix(user, "invalid user "), failed)
		}
	case "Invalid":
		rest, ok := strings.CutPrefix(rest, "user ")
		i := strings.LastIndex(rest, " from ")
		if !ok || i < 0 {
			return
		}
		f.address, _, _ = strings.Cut(rest[i+6:], " ")
		refuse(f, rest[:i], invalid)
	case "error:":
		if rest, ok := strings.CutPrefix(rest, "maximum authentication attempts exceeded for "); ok {
			if user, address, _, ok := peer(rest); ok {
				f.address = address
				refuse(f, strings.TrimPrefix(user, "invalid user "), limited)
			}
		}
	case "Connection", "Disconnected", "Disconnecting":
		closes(word, rest, preauth, f)
	case "Received":
		f.category, f.verb = connectors.CategorySession, "closed"
		if rest, ok := strings.CutPrefix(rest, "disconnect from "); ok {
			f.address, _, _ = strings.Cut(rest, " ")
		}
	case "Starting", "Close":
		if rest, ok := strings.CutPrefix(rest, "session"); ok {
			f.category, f.verb = connectors.CategorySession, "opened"
			if word == "Close" {
				f.verb = "closed"
			}
			if i := strings.LastIndex(rest, " for "); word == "Starting" && i >= 0 {
				f.login, f.address, _, _ = peer(rest[i+5:])
			} else if rest, ok := strings.CutPrefix(rest, ": user "); ok {
				f.login, f.address, _, _ = peer(rest)
			}
		}
	}
}

// refuse makes a refused attempt of the facts: nobody has authenticated, the
// login is the name that was tried.
func refuse(f *facts, user string, r role) {
	f.category, f.outcome, f.kind = connectors.CategoryLogin, connectors.Denied, connectors.Unauthenticated
	f.login, f.role = user, r
}

// closes reads the lines with which a connection ends.
func closes(word, rest string, preauth bool, f *facts) {
	switch {
	case word == "Connection" && strings.HasPrefix(rest, "closed by "):
		rest = rest[len("closed by "):]
	case word == "Connection" && strings.HasPrefix(rest, "reset by "):
		rest = rest[len("reset by "):]
	case word == "Disconnected" && strings.HasPrefix(rest, "from "):
		rest = rest[len("from "):]
	case word == "Disconnecting" && strings.Contains(rest, ": "):
		rest = rest[:strings.LastIndex(rest, ": ")]
	default:
		return
	}
	f.category, f.verb = connectors.CategorySession, "closed"
	who, user, named := strings.Cut(rest, "user ")
	if !named || (who != "" && who != "authenticating " && who != "invalid ") {
		f.address, _, _ = strings.Cut(strings.TrimPrefix(rest, "from "), " ")
		if preauth {
			f.category, f.role = connectors.CategoryOther, ended
		}
		return
	}
	if i := strings.LastIndex(user, " port "); i >= 0 {
		user = user[:i]
	}
	i := strings.LastIndexByte(user, ' ')
	if i < 0 {
		return
	}
	f.address, user = user[i+1:], user[:i]
	if who == "" {
		f.login = user
		return
	}
	f.verb = ""
	refuse(f, user, closing)
}

// peer splits "USER from ADDRESS port N[ ssh2][: INFO]" at the last place where
// that is possible.
func peer(s string) (user, address, info string, ok bool) {
	for end := len(s); ; {
		i := strings.LastIndex(s[:end], " from ")
		if i < 0 {
			return "", "", "", false
		}
		address, rest, found := strings.Cut(s[i+6:], " port ")
		if found && !strings.Contains(address, " ") {
			digits := 0
			for digits < len(rest) && rest[digits] >= '0' && rest[digits] <= '9' {
				digits++
			}
			rest = strings.TrimPrefix(rest[digits:], " ssh2")
			if digits > 0 && (rest == "" || strings.HasPrefix(rest, ": ") || strings.HasPrefix(rest, " id ")) {
				return s[:i], address, strings.TrimPrefix(rest, ": "), true
			}
		}
		end = i
	}
}

// credential reads what sshd says of a key: "ED25519 SHA256:…", of a certificate
// "RSA-CERT SHA256:… ID NAME (serial 1) CA RSA SHA256:…", whose ID it gives.
func credential(info string) string {
	kind, rest, ok := strings.Cut(info, " ")
	if !ok {
		return ""
	}
	if strings.HasSuffix(kind, "-CERT") {
		_, id, found := strings.Cut(rest, " ID ")
		if i := strings.LastIndex(id, " (serial "); found && i >= 0 {
			return id[:i]
		}
	}
	fingerprint, _, _ := strings.Cut(rest, " ")
	return fingerprint
}

// pam reads messages of PAM modules, whatever program they speak through.
func pam(program, m string, f *facts) {
	module, rest, ok := strings.Cut(m, "): ")
	_, place, found := strings.Cut(module, "(")
	if !ok || !found {
		return
	}
	service, phase, _ := strings.Cut(place, ":")
	switch {
	case phase == "session" && (strings.HasPrefix(rest, "session opened for user ") || strings.HasPrefix(rest, "session closed for user ")):
		f.category, f.verb, f.outcome = connectors.CategorySession, rest[len("session "):len("session opened")], connectors.OK
		rest = rest[len("session opened for user "):]
		by := ""
		if i := strings.LastIndex(rest, " by "); i >= 0 {
			rest, by = rest[:i], rest[i+4:]
		}
		user, _, _ := strings.Cut(rest, "(uid=")
		by, _, _ = strings.Cut(by, "(uid=")
		switch {
		case strings.HasPrefix(service, "su"): // su, su-l, sudo, sudo-i: one acts as another
			f.login, f.effective = strings.TrimSpace(by), strings.TrimSpace(user)
		default:
			f.login = strings.TrimSpace(user)
		}
		if program == "CRON" || program == "cron" || program == "crond" || program == "systemd" || strings.HasPrefix(service, "cron") || service == "systemd-user" {
			f.kind = connectors.SystemActor
		}
	case phase == "auth" && strings.HasPrefix(rest, "authentication failure"):
		// The program itself says how the attempt ended; this line never counts.
		if _, host, ok := strings.Cut(rest, " rhost="); ok {
			f.address, _, _ = strings.Cut(host, " ")
		}
	case phase == "chauthtok" && strings.HasPrefix(rest, "password changed for "):
		changed(f, "modify", "user", rest[len("password changed for "):])
	}
}

// sudo reads "USER : [REASON ; ]TTY=… ; PWD=… ; USER=… ; COMMAND=…".
func sudo(m string, f *facts) {
	user, rest, ok := strings.Cut(strings.TrimLeft(m, " "), " : ")
	if !ok || user == "" || strings.Contains(user, " ") {
		return
	}
	front, command, ok := strings.Cut(rest, "COMMAND=")
	if !ok {
		return
	}
	f.category, f.verb, f.outcome = connectors.CategoryCommand, "sudo", connectors.OK
	f.login, f.command = user, command
	first, _, _ := strings.Cut(front, " ; ")
	if name, _, field := strings.Cut(first, "="); !field || strings.Contains(name, " ") {
		f.outcome = connectors.Denied // a reason stands before the fields
	}
	if i := strings.LastIndex(front, "USER="); i >= 0 {
		f.effective, _, _ = strings.Cut(front[i+5:], " ; ")
		f.effective = strings.TrimSuffix(f.effective, " ;")
	}
	if f.effective == f.login {
		f.effective = ""
	}
}

// su reads the lines of util-linux and of shadow.
func su(m string, f *facts) {
	outcome := connectors.OK
	text := m
	if rest, ok := strings.CutPrefix(m, "FAILED SU "); ok {
		outcome, text = connectors.Denied, rest
	}
	target, user := "", ""
	if rest, ok := strings.CutPrefix(text, "(to "); ok {
		target, rest, _ = strings.Cut(rest, ") ")
		if i := strings.LastIndex(rest, " on "); i >= 0 {
			user = rest[:i]
		}
	} else if rest, ok := strings.CutPrefix(text, "Successful su for "); ok {
		target, user, _ = strings.Cut(rest, " by ")
	} else if rest, ok := strings.CutPrefix(text, "FAILED su for "); ok {
		target, user, _ = strings.Cut(rest, " by ")
		outcome = connectors.Denied
	} else if len(text) > 2 && (text[0] == '+' || text[0] == '-') && text[1] == ' ' {
		if i := strings.LastIndexByte(text, ' '); i > 1 {
			user, target, _ = strings.Cut(text[i+1:], ":")
		}
		if text[0] == '-' {
			outcome = connectors.Denied
		}
	}
	if target == "" || user == "" {
		return
	}
	f.category, f.verb, f.outcome, f.login = connectors.CategoryCommand, "su", outcome, user
	if target != user {
		f.effective = target
	}
}

func changed(f *facts, verb, resource, name string) {
	f.category, f.verb, f.outcome = connectors.CategoryAccount, verb, connectors.OK
	f.resource, f.name = resource, strings.Trim(name, "'")
}

// account reads the lines of shadow-utils. Who ran the program is not in them.
func account(m string, f *facts) {
	word := func(after string) string { // the quoted or plain word after a text
		_, rest, _ := strings.Cut(m, after)
		if strings.HasPrefix(rest, "'") {
			if end := strings.Index(rest[1:], "'"); end >= 0 {
				return rest[1 : end+1]
			}
		}
		return strings.TrimRight(rest[:len(rest)-len(strings.TrimLeft(rest, "-_.$@abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"))], ".")
	}
	starts := func(prefix string) bool { return strings.HasPrefix(m, prefix) }
	switch {
	case starts("new user: name="):
		changed(f, "create", "user", word("name="))
	case starts("new group: name="), starts("group added to "):
		changed(f, "create", "group", word("name="))
	case starts("failed adding user "):
		changed(f, "create", "user", word("user "))
		f.outcome = connectors.Failed
	case starts("delete user "):
		changed(f, "delete", "user", word("user "))
	case starts("removed group "), starts("removed shadow group "), starts("remove group "):
		changed(f, "delete", "group", word("group "))
	case starts("group '") && strings.Contains(m, "removed"):
		changed(f, "delete", "group", word("group "))
	case starts("add '"):
		changed(f, "modify", "user", word("add "))
	case starts("delete '"):
		changed(f, "modify", "user", word("delete "))
	case starts("change user "), starts("changed user "), starts("lock user "), starts("unlock user "):
		changed(f, "modify", "user", word("user "))
	case starts("change group "), starts("group changed in "), starts("members of group "):
		changed(f, "modify", "group", word("group "))
	case starts("password for "):
		changed(f, "modify", "user", word("password for "))
	case starts("changed password expiry for "), starts("changed password expiry of "):
		changed(f, "modify", "user", m[len("changed password expiry for "):])
	case starts("user ") && (strings.Contains(m, " added by ") || strings.Contains(m, " removed by ")):
		changed(f, "modify", "user", word("user "))
		_, by, _ := strings.Cut(m, "ed by ")
		f.login, _, _ = strings.Cut(by, " ")
	}
}

// logind reads the sessions that systemd keeps.
func logind(program, m string, f *facts) {
	rest, opened := strings.CutPrefix(m, "New session ")
	if opened {
		f.category, f.verb, f.outcome = connectors.CategorySession, "opened", connectors.OK
		if _, user, ok := strings.Cut(rest, " of user "); ok {
			f.login, _, _ = strings.Cut(strings.TrimSuffix(user, "."), " ")
			f.login = strings.TrimRight(f.login, ".'")
			f.login = strings.TrimLeft(f.login, "'")
		}
	} else if strings.HasPrefix(m, "Removed session ") || (strings.HasPrefix(m, "Session ") && strings.Contains(m, "logged out")) {
		f.category, f.verb, f.outcome = connectors.CategorySession, "closed", connectors.OK
	}
	if program == "systemd" {
		f.kind = connectors.SystemActor
	}
}

// cron reads "(USER) CMD (COMMAND)".
func cron(m string, f *facts) {
	user, rest, ok := strings.Cut(m, ") CMD (")
	if !ok || !strings.HasPrefix(user, "(") {
		return
	}
	f.category, f.verb, f.outcome, f.kind = connectors.CategoryCommand, "cron", connectors.OK, connectors.SystemActor
	f.login, f.command = user[1:], strings.TrimSpace(strings.TrimSuffix(rest, ")"))
}

// console reads logins at a terminal (util-linux and shadow login).
func console(m string, f *facts) {
	switch {
	case strings.HasPrefix(m, "LOGIN ON "), strings.HasPrefix(m, "DIALUP AT "):
		_, user, ok := strings.Cut(m, " BY ")
		if !ok {
			return
		}
		f.category, f.outcome = connectors.CategoryLogin, connectors.OK
		f.login, f.address, _ = strings.Cut(user, " FROM ")
	case strings.HasPrefix(m, "ROOT LOGIN"):
		f.category, f.outcome, f.login = connectors.CategoryLogin, connectors.OK, "root"
	case strings.HasPrefix(m, "FAILED LOGIN"):
		user := ""
		if i := strings.LastIndex(m, " FOR "); i >= 0 {
			user, _, _ = strings.Cut(m[i+5:], ", ")
		}
		refuse(f, strings.Trim(user, "'"), noRole)
	default:
		return
	}
	f.verb = "console"
}

package seed

import (
	"fmt"
	"time"
)

// syslog writes one line of a host's auth.log. bastion-1 writes RFC 3339
// stamps, the others the classic ones without a year.
func (g *generator) syslog(host string, at time.Time, program string, pid int, text string) {
	when := at.UTC().Format("Jan _2 15:04:05")
	if host == "bastion-1" {
		when = at.UTC().Format("2006-01-02T15:04:05.000000+00:00")
	}
	tag := program
	if pid > 0 {
		tag = fmt.Sprintf("%s[%d]", program, pid)
	}
	g.auth[host] = append(g.auth[host], line{at, fmt.Sprintf("%s %s %s: %s", when, host, tag, text)})
}

func (g *generator) nextPID() int {
	g.pid += 1 + g.rnd.IntN(40)
	return g.pid
}

// login is one accepted SSH login and its end.
func (g *generator) login(host string, at time.Time, account, from, fingerprint string) {
	pid, port := g.nextPID(), 40000+g.rnd.IntN(20000)
	g.syslog(host, at, "sshd", pid, fmt.Sprintf("Accepted publickey for %s from %s port %d ssh2: ED25519 %s", account, from, port, fingerprint))
	g.syslog(host, at.Add(80*time.Millisecond), "sshd", pid, fmt.Sprintf("pam_unix(sshd:session): session opened for user %s(uid=1000) by (uid=0)", account))
	end := at.Add(3*time.Minute + g.jitter(20*time.Minute))
	g.syslog(host, end, "sshd", pid+1, fmt.Sprintf("Disconnected from user %s %s port %d", account, from, port))
	g.syslog(host, end.Add(90*time.Millisecond), "sshd", pid, fmt.Sprintf("pam_unix(sshd:session): session closed for user %s", account))
}

func (g *generator) sudo(host string, at time.Time, account, command string) {
	g.syslog(host, at, "sudo", 0, fmt.Sprintf("%8s : TTY=pts/0 ; PWD=/home/%s ; USER=root ; COMMAND=%s", account, account, command))
	g.syslog(host, at.Add(time.Millisecond), "sudo", 0, fmt.Sprintf("pam_unix(sudo:session): session opened for user root(uid=0) by %s(uid=1000)", account))
	g.syslog(host, at.Add(400*time.Millisecond), "sudo", 0, "pam_unix(sudo:session): session closed for user root")
}

// hosts is what three machines log in a week: hourly cron, and people who work.
func (g *generator) hosts() {
	for _, host := range Hosts {
		for hour := 0; hour < 7*24; hour++ {
			at := g.o.From.Add(time.Duration(hour)*time.Hour + 17*time.Minute + time.Second)
			pid := g.nextPID()
			g.syslog(host, at, "CRON", pid, "pam_unix(cron:session): session opened for user root(uid=0) by (uid=0)")
			g.syslog(host, at.Add(300*time.Millisecond), "CRON", pid, "pam_unix(cron:session): session closed for user root")
		}
	}
	for day := 0; day < 5; day++ {
		for _, key := range []string{"alice", "omar", "erin"} {
			p := identities[key]
			at := g.o.From.AddDate(0, 0, day).Add(8*time.Hour + g.jitter(8*time.Hour))
			g.login("bastion-1", at, p.short, p.address, fingerprints[key])
			if key != "erin" {
				host := Hosts[1+g.rnd.IntN(2)]
				g.login(host, at.Add(90*time.Second), p.short, "10.0.0.5", fingerprints[key])
				g.sudo(host, at.Add(4*time.Minute), p.short, "/usr/bin/journalctl -u kubelet --since today")
			}
		}
	}
}

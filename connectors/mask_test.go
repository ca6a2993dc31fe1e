package connectors_test

import (
	"strings"
	"testing"

	"logreeve/connectors"
)

func TestMaskCommand(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{`curl -H "Authorization: Bearer abcdef123456" https://x`, `curl -H "Authorization: Bearer •••" https://x`},
		{`curl -H 'Authorization: token abcdefghij'`, `curl -H 'Authorization: •••'`},
		{`mytool --password hunter2 --verbose`, `mytool --password ••• --verbose`},
		{`mytool --db-password="a b" x`, `mytool --db-password=••• x`},
		{`kubectl --token=abc get pods`, `kubectl --token=••• get pods`},
		{`PGPASSWORD=s3cret psql -U app`, `PGPASSWORD=••• psql -U app`},
		{`env AWS_SECRET_ACCESS_KEY=abc/def aws s3 ls`, `env AWS_SECRET_ACCESS_KEY=••• aws s3 ls`},
		{`psql postgres://app:s3cret@db/users`, `psql postgres://app:•••@db/users`},
		{`mysql -uroot -ps3cret users`, `mysql -uroot -p••• users`},
		{`sshpass -p s3cret ssh bob@host`, `sshpass -p ••• ssh bob@host`},
		{`ALTER USER bob PASSWORD 's3''cret' VALID`, `ALTER USER bob PASSWORD '•••' VALID`},
		{`CREATE USER x IDENTIFIED BY 'pw'`, `CREATE USER x IDENTIFIED BY '•••'`},
		{`kubectl create secret generic db --from-literal=user=x --from-literal=key=abc`, `kubectl create secret generic db --from-literal=user=••• --from-literal=key=•••`},
		{`token eyJhbGciOiJIUzI1.eyJzdWIiOiIxMjM0.SflKxwRJSMeKKF2 end`, `token ••• end`},
		{"a -----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY----- b", `a ••• b`},
		{`{"user":"x","password":"s3cret"}`, `{"user":"x","password":"•••"}`},
		{`sh -c "echo 'root:s3cret' | chpasswd"`, `sh -c "echo 'root:•••' | chpasswd"`},
		{`curl -u bob:s3cret https://x`, `curl -u bob:••• https://x`},
	} {
		if got := connectors.MaskCommand(c.in); got != c.want {
			t.Errorf("MaskCommand(%q)\n = %q,\nwant %q", c.in, got, c.want)
		}
	}
}

func TestMaskLeavesOrdinaryText(t *testing.T) {
	for _, s := range []string{
		`/usr/sbin/usermod -aG wheelers svc-backup-1`, `mkdir -p /srv/data`, `ssh -p 22 bob@host`, `docker run -p 80:80 nginx`,
		`Failed password for root from 10.0.0.1 port 22 ssh2`, `pam_unix(passwd:chauthtok): password changed for bob`,
		`Accepted publickey for bob from 10.0.0.1 port 22 ssh2: ED25519 SHA256:vJKhol5bbxXRoricxl2yX7eb267qt8wgqOpT9Msb5sA`,
		`cat /etc/shadow`, `passwd bob`, `kubectl get secrets -n web`, `Authentication failed, attempted: bearer`, `bearer authentication`,
		`mytool --password-file /run/x`, `--token --verbose`, `http://host:80/path`, `select password from users`, `tar -xzpf a.tgz`,
		`mysql -p users`, `git commit -m "token: new parser"`, `secrets is forbidden: User "x" cannot list resource "secrets"`,
	} {
		if got := connectors.MaskCommand(s); got != s {
			t.Errorf("MaskCommand(%q) = %q", s, got)
		}
	}
}

func TestMaskURI(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"/api/v1/pods?limit=5", "/api/v1/pods?limit=5"},
		{"/exec?command=cat&command=%2Fetc%2Fpasswd&container=c", "/exec?command=cat&command=%2Fetc%2Fpasswd&container=c"},
		{"/exec?command=mysql&command=--password&command=s3cret&stdin=true", "/exec?command=mysql&command=--password&command=•••&stdin=true"},
		{"/exec?command=mysql&command=--password&command=two+words", "/exec?command=mysql&command=--password&command=•••"},
		{"/exec?command=env&command=DB_PASSWORD%3Ds3cret", "/exec?command=env&command=DB_PASSWORD%3D•••"},
		{"/x?token=abc&a=1", "/x?token=•••&a=1"},
	} {
		if got := connectors.MaskURI(c.in); got != c.want {
			t.Errorf("MaskURI(%q) = %q, want %q", c.in, got, c.want)
		}
	}
}

func TestRedact(t *testing.T) {
	envelope := func(object, uri, request, response string) string {
		return `{"kind":"Event","auditID":"a","stage":"ResponseComplete","verb":"create","user":{"username":"u"},"requestURI":"` + uri +
			`","objectRef":` + object + `,"requestReceivedTimestamp":"2026-11-20T22:30:00.000000Z","requestObject":` + request + `,"responseObject":` + response + `}`
	}
	for _, c := range []struct {
		name, record string
		gone, kept   []string
	}{
		{"secret", envelope(`{"resource":"secrets"}`, "/x", `{"data":{"a":"c3VwZXI="}}`, `"{\"data\":\"c3VwZXI=\"}"`), []string{"c3VwZXI"}, []string{connectors.Removed}},
		{"token", envelope(`{"resource":"serviceaccounts","subresource":"token"}`, "/x", `{}`, `{"status":{"token":"eyJx"}}`), []string{"eyJx"}, nil},
		{"token review", envelope(`{"resource":"tokenreviews"}`, "/x", `{"spec":{"token":"abc123"}}`, `null`), []string{"abc123"}, nil},
		{"secret inside a list", envelope(`{"resource":"things"}`, "/x", `{"items":[{"kind":"Secret","data":{"k":"c3VwZXI="}},{"kind":"Pod","spec":"stays"}]}`, `null`), []string{"c3VwZXI"}, []string{"stays"}},
		{
			"config map", envelope(`{"resource":"configmaps"}`, "/x",
				`{"data":{"db.password":"s3cret","mode":"fast"},"metadata":{"annotations":{"kubectl.kubernetes.io/last-applied-configuration":"{\"kind\":\"ConfigMap\",\"data\":{\"db.password\":\"s3cret\"}}"}}}`, `null`),
			[]string{"s3cret"}, []string{"fast", "db.password"},
		},
		{"environment", envelope(`{"resource":"pods"}`, "/x", `{"spec":{"containers":[{"env":[{"name":"DB_PASSWORD","value":"s3cret"},{"name":"MODE","value":"fast"}]}]}}`, `null`), []string{"s3cret"}, []string{"fast"}},
		{"container command", envelope(`{"resource":"pods"}`, "/x", `{"spec":{"containers":[{"command":["psql","--password","s3cret","-v"]}]}}`, `null`), []string{"s3cret"}, []string{`"psql"`, `"-v"`}},
		{"exec", envelope(`{"resource":"pods"}`, `/exec?command=a\u0026command=--token\u0026command=s3cret`, `null`, `null`), []string{"s3cret"}, []string{"command=a"}},
		{"managed fields", envelope(`{"resource":"pods"}`, "/x", `{"metadata":{"managedFields":[{"manager":"m"}],"name":"n"}}`, `null`), []string{"manager"}, []string{`"name":"n"`}},
		{"body as string", envelope(`{"resource":"pods"}`, "/x", `"{\"metadata\":{\"managedFields\":[1],\"name\":\"n\"}}"`, `"{\"cut"`), []string{"managedFields"}, []string{`\"name\":\"n\"`}},
		{"invalid bytes", envelope(`{"resource":"pods","name":"a`+"\xff"+`b"}`, "/x", `null`, `null`), nil, []string{`\\xff`}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := string(connectors.Redact(event(t, c.record)))
			if !validJSON(got) {
				t.Fatalf("not valid JSON: %s", got)
			}
			for _, s := range c.gone {
				if strings.Contains(got, s) {
					t.Errorf("%s still holds %q", got, s)
				}
			}
			for _, s := range append(c.kept, `"auditID":"a"`) {
				if !strings.Contains(got, s) {
					t.Errorf("%s lacks %q", got, s)
				}
			}
		})
	}
	e := &connectors.Event{Kind: connectors.AuthLog}
	e.SetRaw([]byte("sudo: COMMAND=x --password s3cret\x00\xfe"), connectors.Ref{})
	if got := string(connectors.Redact(e)); got != `sudo: COMMAND=x --password •••` && got != `sudo: COMMAND=x --password •••\x00\xfe` {
		t.Errorf("the line is %q", got)
	}
}

package config_test

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"logreeve/app/config"
)

// TestCompose holds compose.yaml to what this version understands: it parses,
// every image is pinned, every port stays on this machine, and the server
// accepts its settings.
func TestCompose(t *testing.T) {
	text, err := os.ReadFile("../../compose.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var compose struct {
		Services map[string]struct {
			Image       string
			Environment map[string]string
			Ports       []string
			Volumes     []string
			DependsOn   map[string]struct{ Condition string } `yaml:"depends_on"`
			Healthcheck *struct{ Test []string }
		}
		Volumes map[string]any
	}
	if err := yaml.Unmarshal(text, &compose); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"logreeve", "postgres", "opensearch"} {
		if _, ok := compose.Services[name]; !ok {
			t.Errorf("there is no service %s", name)
		}
	}
	pinned := regexp.MustCompile(`^[a-z/]+:\d+\.\d+(\.\d+)?(-alpine)?$`)
	for name, s := range compose.Services {
		if !pinned.MatchString(s.Image) {
			t.Errorf("%s: the image %q is not pinned", name, s.Image)
		}
		for _, port := range s.Ports {
			if !strings.HasPrefix(port, "127.0.0.1:") {
				t.Errorf("%s: port %s is open to other machines", name, port)
			}
		}
		for _, v := range s.Volumes {
			if volume, _, _ := strings.Cut(v, ":"); !slices.Contains([]string{"logreeve", "postgres", "opensearch"}, volume) {
				t.Errorf("%s: unknown volume %s", name, v)
			}
		}
		for other, on := range s.DependsOn {
			if compose.Services[other].Healthcheck == nil || on.Condition != "service_healthy" {
				t.Errorf("%s waits for %s, which never says that it is ready", name, other)
			}
		}
	}
	var env []string
	given := compose.Services["logreeve"].Environment
	for key, value := range given {
		if !slices.ContainsFunc(config.Settings(), func(s config.Setting) bool { return s.Env() == key }) {
			t.Errorf("there is no setting %s", key)
		}
		env = append(env, key, regexp.MustCompile(`\$\{[^}]*\}`).ReplaceAllString(value, "secret"))
	}
	s, err := config.LoadServer("", environment(env...))
	if err != nil {
		t.Fatal(err)
	}
	if len(s.SourceHosts) != 2 || s.SourceHosts[0].String() != "127.0.0.1:9200" {
		t.Errorf("stores are allowed at %v", s.SourceHosts)
	}
}

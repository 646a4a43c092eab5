package servertest

import (
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

const logging = `status = error
appender.console.type = Console
appender.console.name = console
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = %d %p %c{1} %m%n
rootLogger.level = info
rootLogger.appenderRef.console.ref = console
`

// create makes the home folder of a server that does not run yet.
func create(t testing.TB, kind Kind) *Server {
	t.Helper()
	r, d := recipeOf(kind), toolsOf(t)
	j := r.java(t)
	if _, err := os.Stat(d.path(r.folder)); err != nil {
		missing(t, "no jars of %s", r.folder)
	}
	home, err := os.MkdirTemp("", "weir-"+string(kind)+"-")
	if err != nil {
		t.Fatal(err)
	}
	s := &Server{Kind: kind, home: home}
	ports, err := freePorts(2)
	if err == nil {
		s.port = ports[0]
		s.URL = "http://127.0.0.1:" + strconv.Itoa(s.port)
		err = s.furnish(d, j, ports[1])
	}
	if err != nil {
		t.Fatal(errors.Join(err, os.RemoveAll(home)))
	}
	return s
}

// freePorts returns ports of 127.0.0.1 that were free just now.
func freePorts(n int) ([]int, error) {
	var ports []int
	for range n {
		l, err := net.Listen("tcp4", "127.0.0.1:0")
		if err != nil {
			return nil, err
		}
		defer l.Close() // only at the end, or the same port may come again
		ports = append(ports, l.Addr().(*net.TCPAddr).Port)
	}
	return ports, nil
}

func (s *Server) furnish(d tools, j jdk, transportPort int) error {
	r := s.recipe()
	for _, dir := range []string{"config", "modules", "plugins", "logs", "data", "run"} {
		if err := os.Mkdir(filepath.Join(s.home, dir), 0o700); err != nil {
			return err
		}
	}
	start, err := d.compile(j, r.source, r.lib(d), "common", r.source)
	if err != nil {
		return err
	}
	if err := os.Symlink(start, filepath.Join(s.home, "run", "start.jar")); err != nil {
		return err
	}
	for _, m := range r.modules {
		if err := s.install(d, j, m); err != nil {
			return fmt.Errorf("module %s: %w", m.name, err)
		}
	}
	settings := []string{
		"cluster.name: weir", "node.name: n1", "network.host: 127.0.0.1", "discovery.type: single-node",
		"cluster.routing.allocation.disk.threshold_enabled: false", // or a full disk of the machine makes indices read-only
		"http.port: " + strconv.Itoa(s.port), "transport.port: " + strconv.Itoa(transportPort),
	}
	if r.source != "elasticsearch" && !r.secure { // the security plugin brings its own
		settings = append(settings, "http.type: netty4", "transport.type: netty4")
	}
	if r.plugin != "" {
		if err := s.link(d.path(r.folder, r.plugin), filepath.Join("plugins", r.plugin)); err != nil {
			return err
		}
		if err := s.link(d.path(r.folder, r.plugin, "config"), filepath.Join("config", r.plugin)); err != nil {
			return err
		}
	}
	if r.secure {
		more, err := s.secure()
		if err != nil {
			return err
		}
		settings = append(settings, more...)
	}
	return errors.Join(
		s.write("config/"+r.config, strings.Join(settings, "\n")+"\n"),
		s.write("config/log4j2.properties", logging))
}

func (s *Server) write(name, text string) error {
	return os.WriteFile(filepath.Join(s.home, name), []byte(text), 0o600)
}

// install puts a module into the home folder: links to its jars, and its descriptor.
func (s *Server) install(d tools, j jdk, m module) error {
	r, dir := s.recipe(), filepath.Join(s.home, "modules", m.name)
	if err := os.Mkdir(dir, 0o700); err != nil {
		return err
	}
	jars, _ := filepath.Glob(d.path(r.folder, m.name, "*.jar")) // the pattern is right
	if len(m.sources) > 0 {
		jar, err := d.compile(j, m.name, r.compilePath(d), m.sources...)
		if err != nil {
			return err
		}
		jars = append(jars, jar)
	}
	for _, jar := range jars {
		if err := os.Symlink(jar, filepath.Join(dir, filepath.Base(jar))); err != nil {
			return err
		}
	}
	return s.write("modules/"+m.name+"/plugin-descriptor.properties", strings.Join([]string{
		"name=" + m.name, "description=" + m.name, "version=" + ElasticsearchVersion, "elasticsearch.version=" + ElasticsearchVersion,
		"java.version=17", "classname=" + m.class, "extended.plugins=" + m.extends, "has.native.controller=false", "",
	}, "\n"))
}

// link makes a folder of the home with links to the files of another.
func (s *Server) link(from, to string) error {
	files, err := os.ReadDir(from)
	if err != nil {
		return err
	}
	dir := filepath.Join(s.home, to)
	if err := os.Mkdir(dir, 0o700); err != nil {
		return err
	}
	for _, f := range files {
		if f.IsDir() {
			continue
		}
		if err := os.Symlink(filepath.Join(from, f.Name()), filepath.Join(dir, f.Name())); err != nil {
			return err
		}
	}
	return nil
}

// remove removes the home folder of a server that does not run.
func (s *Server) remove(t testing.TB) {
	t.Helper()
	if err := os.RemoveAll(s.home); err != nil {
		t.Error(err)
	}
}

package bench

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// process is a collector under measurement.
type process struct {
	cmd *exec.Cmd
	log *os.File
}

// startProcess starts a program with its output in a file of dir.
func startProcess(ctx context.Context, dir, name string, args ...string) (*process, error) {
	log, err := os.Create(dir + "/output.log")
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	return &process{cmd: cmd, log: log}, nil
}

// usage is what a process group has used so far.
type usage struct {
	cpu time.Duration
	rss int64 // peak resident bytes of the main process
}

// clockTick is USER_HZ: 100 on every Linux that Go runs on.
const clockTick = 10 * time.Millisecond

// usage sums the CPU time of the process and its children.
func (p *process) usage() (u usage, err error) {
	parts, err := p.parts()
	for _, part := range parts {
		u.cpu += part.cpu
		u.rss += part.rss
	}
	return u, err
}

// parts returns what each program of the process group has used so far, by its name as the kernel has it, which is cut to 15 bytes.
func (p *process) parts() (map[string]usage, error) {
	group := strconv.Itoa(p.cmd.Process.Pid)
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return nil, fmt.Errorf("read /proc: %w", err)
	}
	list := map[string]usage{}
	for _, e := range entries {
		stat, err := os.ReadFile("/proc/" + e.Name() + "/stat")
		if err != nil {
			continue // not a process, or gone
		}
		// Fields after the command's closing bracket: state, ppid, pgrp, ..., utime (12th), stime (13th).
		head, rest, _ := strings.Cut(string(stat), ") ")
		f := strings.Fields(rest)
		if len(f) < 13 || f[2] != group {
			continue
		}
		_, name, _ := strings.Cut(head, "(")
		user, _ := strconv.ParseInt(f[11], 10, 64)
		system, _ := strconv.ParseInt(f[12], 10, 64)
		u := list[name]
		u.cpu += time.Duration(user+system) * clockTick
		u.rss += peakRSS(e.Name())
		list[name] = u
	}
	return list, nil
}

func peakRSS(pid string) int64 {
	status, err := os.ReadFile("/proc/" + pid + "/status")
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(status)) {
		if v, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kb, _ := strconv.ParseInt(strings.Fields(v)[0], 10, 64)
			return kb << 10
		}
	}
	return 0
}

// stop ends the process group and waits for it.
func (p *process) stop() error {
	_ = syscall.Kill(-p.cmd.Process.Pid, syscall.SIGINT) // gone already: nothing to end
	done := make(chan struct{})
	go func() {
		_ = p.cmd.Wait() // ended by a signal, as wanted
		close(done)
	}()
	select {
	case <-done:
	case <-time.After(60 * time.Second):
		_ = syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL)
		<-done
		return fmt.Errorf("%s did not end within a minute", p.cmd.Path)
	}
	return p.log.Close()
}

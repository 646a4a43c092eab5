package traffic

import (
	"fmt"
	"math"
	"time"

	"github.com/weirflow/weir/shared/traffic/encode"
)

// pollEvery is how often an agent sends the counters of its interfaces, ms.
const pollEvery = 20_000

// sampler is what a device has that samples packets in place of a flow cache: an sFlow agent and the counters of its interfaces.
type sampler struct {
	d       *device
	agent   *encode.Agent
	conf    encode.AgentConfig
	rate    uint32
	meters  []meter // by ifIndex
	pending []encode.Sample
	size    int   // of the pending samples, bytes
	poll    int64 // when the counters are sent next
	downed  bool  // the outage has begun
}

// meter counts what passes an interface. Its pool is what came in: packets are sampled as they come.
type meter struct {
	counters encode.Counters
	there    bool
}

func newSampler(d *device, cfg Config, phase int64) (*sampler, error) {
	s := &sampler{d: d, rate: max(cfg.Sampling, 1), poll: cfg.Start.UnixMilli() + phase}
	s.conf = encode.AgentConfig{Address: d.addr.Addr(), SubAgent: d.conf.Domain, Boot: d.conf.Boot, NoFlags: cfg.Effects.NoFlags}
	return s, s.start()
}

// start makes the agent one that has just been switched on.
func (s *sampler) start() (err error) {
	s.meters = make([]meter, ifServers+1)
	for _, i := range s.d.conf.Interfaces {
		s.meters[i.Index] = meter{counters: encode.Counters{Interface: i}, there: true}
	}
	s.pending, s.size = s.pending[:0], 0
	s.agent, err = encode.NewAgent(s.conf)
	return err
}

// pass counts the packets of a run up to one, the latter not included.
func (s *sampler) pass(r *run, to uint64) {
	if to <= r.done {
		return
	}
	octets, packets := r.frames(r.done, to), to-r.done
	r.done = to
	in, out := &s.meters[r.path.in].counters.In, &s.meters[r.path.out].counters.Out
	in.Octets += octets
	in.Unicast += packets
	out.Octets += octets
	out.Unicast += packets
}

// take samples a packet at a time (ms).
func (s *sampler) take(p encode.Packet, now int64) (full bool) {
	return s.add(encode.Sample{Source: p.In, Rate: s.rate, Pool: uint32(s.meters[p.In].counters.In.Unicast), Packet: p}, now)
}

// add takes a sample at a time (ms) and reports whether a datagram is full.
func (s *sampler) add(sample encode.Sample, now int64) (full bool) {
	if len(s.pending) == 0 {
		s.d.since = now
	}
	s.pending = append(s.pending, sample)
	s.size += s.agent.Size(&sample)
	return s.size+s.size/len(s.pending) > s.agent.Room()
}

// send sends what is pending at a time (ms). An agent that is off forgets it.
func (s *sampler) send(now int64, g *generator) error {
	at, clock := time.UnixMilli(now).UTC(), time.UnixMilli(now+s.d.skew).UTC()
	samples := s.pending
	s.pending, s.size = s.pending[:0], 0
	if s.d.dead(now) {
		return nil
	}
	for len(samples) > 0 {
		payload, used, err := s.agent.Next(s.d.buf[:0], clock, samples)
		if err != nil {
			return fmt.Errorf("device %s: %w", s.d.addr.Addr(), err)
		}
		s.d.buf, samples = payload, samples[used:]
		if err := g.put(s.d, at.Add(s.d.delay), payload); err != nil {
			return err
		}
	}
	return nil
}

// next is when the device has to do something by itself: to send its counters, to go off or to come back.
func (s *sampler) next() int64 {
	at := s.poll
	if off := s.d.off; off.until != 0 {
		if !s.downed {
			at = min(at, off.from)
		} else {
			at = min(at, off.until)
		}
	}
	return at
}

// turn does what is due at a time (ms).
func (s *sampler) turn(now int64, g *generator) error {
	off := &s.d.off
	switch {
	case off.until != 0 && !s.downed && now == off.from:
		s.settle(now, g, true)
		s.downed = true
	case off.until != 0 && s.downed && now == off.until:
		s.settle(now, g, false)
		s.downed = false
		s.conf.Boot = time.UnixMilli(now + s.d.skew).UTC()
		*off = outage{}
		return s.start()
	default:
		s.poll += pollEvery
		if s.downed {
			return nil
		}
		s.settle(now, g, true)
		return s.tell(now, g)
	}
	return nil
}

// settle takes the packets of all runs up to a time (ms) into account, or passes over them.
func (s *sampler) settle(now int64, g *generator, counted bool) {
	device := &g.devices
	g.queue.each(func(r *run) {
		if (*device)[r.path.device] != s.d {
			return
		}
		n := r.sentBefore(now)
		if counted {
			s.pass(r, n)
		}
		r.done = max(r.done, n)
	})
}

// tell sends the counters of all interfaces.
func (s *sampler) tell(now int64, g *generator) error {
	for i := range s.meters {
		if !s.meters[i].there {
			continue
		}
		counters := s.meters[i].counters
		if s.add(encode.Sample{Source: uint32(i), Counters: &counters}, now) {
			if err := s.send(now, g); err != nil {
				return err
			}
		}
	}
	return nil
}

// samplePackets lets the devices sample the packets and send the counters that are due before a time.
func (g *generator) samplePackets(before int64) error {
	for {
		d, at := g.nextTurn()
		turn := at <= g.queue.due()
		if at = min(at, g.queue.due()); at >= before {
			return nil
		}
		if err := g.flush(at); err != nil {
			return err
		}
		var err error
		if turn {
			err = d.sampler.turn(at, g)
		} else {
			err = g.samplePacket()
		}
		if err != nil {
			return err
		}
	}
}

// nextTurn is the device that has to do something first, and when.
func (g *generator) nextTurn() (d *device, at int64) {
	at = math.MaxInt64
	for _, each := range g.devices {
		if t := each.sampler.next(); t < at {
			d, at = each, t
		}
	}
	return d, at
}

// samplePacket takes the packet that is due.
func (g *generator) samplePacket() error {
	p := g.queue.take()
	defer g.queue.give(p)
	d := g.devices[p.run.path.device]
	if d.sampler.downed {
		p.run.done = p.i + 1
		return nil
	}
	d.sampler.pass(p.run, p.i+1)
	if !p.sampled {
		return nil
	}
	packet := g.packet(p.run, p.i)
	g.res.Records++
	g.res.Bytes += uint64(encode.FrameLength(packet.Length, packet.VLAN != 0))
	if d.sampler.take(packet, p.at) {
		return d.send(p.at, g)
	}
	return nil
}

// lastPolls sends the counters once more, when no packet comes anymore.
func (g *generator) lastPolls() error {
	for range g.devices {
		d, at := g.nextTurn()
		if err := g.flush(at); err != nil {
			return err
		}
		if err := d.sampler.turn(at, g); err != nil {
			return err
		}
	}
	return nil
}

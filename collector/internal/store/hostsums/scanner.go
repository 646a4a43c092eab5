package hostsums

import (
	"encoding/binary"
	"fmt"
)

// scanner reads the numbers of a block.
type scanner struct {
	rest  []byte
	hour  int64
	names int
	bad   bool
}

func (s *scanner) ok() bool { return !s.bad }

func (s *scanner) err(block int) error {
	if s.bad {
		return fmt.Errorf("%w: block %d is not one", ErrBroken, block)
	}
	return nil
}

func (s *scanner) fail() {
	s.bad, s.rest = true, nil
}

func (s *scanner) uvarint() uint64 {
	n, size := binary.Uvarint(s.rest)
	if size <= 0 {
		s.fail()
		return 0
	}
	s.rest = s.rest[size:]
	return n
}

func (s *scanner) byte() byte {
	if len(s.rest) == 0 {
		s.fail()
		return 0
	}
	b := s.rest[0]
	s.rest = s.rest[1:]
	return b
}

// address reads the one behind another.
func (s *scanner) address(last Address) Address {
	gap := s.uvarint()
	if gap&1 == 0 {
		return Address{last.Hi, last.Lo + gap>>1}
	}
	if gap != 1 || len(s.rest) < 16 {
		s.fail()
		return last
	}
	a := Address{binary.LittleEndian.Uint64(s.rest), binary.LittleEndian.Uint64(s.rest[8:])}
	s.rest = s.rest[16:]
	return a
}

func (s *scanner) sum() Sum {
	flags := s.byte()
	sum := Sum{Hour: s.hour, Side: Side(flags & sideBits), Direction: flags >> directionShift}
	if sum.Direction == directionAfter {
		sum.Direction = s.byte()
	}
	if flags&flagHour != 0 {
		ahead, size := binary.Varint(s.rest)
		if size <= 0 {
			s.fail()
			return sum
		}
		s.rest = s.rest[size:]
		sum.Hour += ahead
	}
	if sum.Side >= sides || int(sum.Direction) > s.names {
		s.fail()
		return sum
	}
	sum.Flows = s.uvarint()
	c := &sum.Counters
	c[0], c[1] = s.uvarint(), s.uvarint()
	c[2], c[3] = c[0], c[1]
	if flags&flagOwn != 0 {
		for i := 2; i < len(c); i++ {
			c[i] = s.uvarint()
		}
	}
	return sum
}

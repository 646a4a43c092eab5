package parquet

import "encoding/binary"

// appendStruct appends a structure in the compact protocol.
func (v *value) append(dst []byte) []byte {
	switch v.kind {
	case kindByte:
		dst = append(dst, byte(v.number))
	case kindI16, kindI32, kindI64:
		dst = appendZigzag(dst, v.number)
	case kindDouble:
		dst = binary.LittleEndian.AppendUint64(dst, uint64(v.number))
	case kindBinary:
		dst = append(binary.AppendUvarint(dst, uint64(len(v.bytes))), v.bytes...)
	case kindList, kindSet:
		dst = v.appendElements(dst)
	case kindStruct:
		dst = v.appendMembers(dst)
	}
	return dst
}

func appendZigzag(dst []byte, n int64) []byte {
	return binary.AppendUvarint(dst, uint64(n<<1)^uint64(n>>63))
}

func (v *value) appendElements(dst []byte) []byte {
	if n := len(v.list); n < 15 {
		dst = append(dst, byte(n<<4)|byte(v.of))
	} else {
		dst = binary.AppendUvarint(append(dst, 15<<4|byte(v.of)), uint64(n))
	}
	for i := range v.list {
		if v.of == kindTrue || v.of == kindFalse {
			dst = append(dst, byte(v.list[i].number))
			continue
		}
		dst = v.list[i].append(dst)
	}
	return dst
}

func (v *value) appendMembers(dst []byte) []byte {
	id := int16(0)
	for i := range v.members {
		m := &v.members[i]
		if delta := int(m.id) - int(id); delta > 0 && delta < 16 {
			dst = append(dst, byte(delta<<4)|byte(m.kind))
		} else {
			dst = appendZigzag(append(dst, byte(m.kind)), int64(m.id))
		}
		id = m.id
		dst = m.append(dst)
	}
	return append(dst, 0)
}

// get returns a member of a structure; nil where it has none.
func (v *value) get(id int16) *value {
	for i := range v.members {
		if v.members[i].id == id {
			return &v.members[i].value
		}
	}
	return nil
}

// list returns a member that is a list of structures or text; nil where it has none.
func (v *value) getList(id int16) []value {
	if m := v.get(id); m != nil {
		return m.list
	}
	return nil
}

// getNumber returns a member that is an integer; 0 where it has none.
func (v *value) getNumber(id int16) int64 {
	if m := v.get(id); m != nil {
		return m.number
	}
	return 0
}

// Makers of values.

func structure(members ...member) value { return value{kind: kindStruct, members: members} }

func i32(n int64) value { return value{kind: kindI32, number: n} }

func i64(n int64) value { return value{kind: kindI64, number: n} }

func text(s string) value { return value{kind: kindBinary, bytes: []byte(s)} }

func listOf(of kind, list ...value) value { return value{kind: kindList, of: of, list: list} }

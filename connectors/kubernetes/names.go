package kubernetes

import (
	"encoding/binary"
	"sync"

	"logreeve/connectors/rawjson"
)

// Names are the identities and addresses that the parsers of one read have met.
// Their parsers share them, so that the same name lies at the same place in all
// events: whoever remembers something by name finds it there again. Names may be
// used from several goroutines.
type Names struct {
	mutex      sync.Mutex
	identities map[string]*identity // by the raw JSON of a user
	addresses  map[string][]string  // by the raw JSON of sourceIPs
	texts      map[string]string
	lists      map[string][]string
}

// identity is a decoded user.
type identity struct {
	name       string
	groups     []string
	credential string
}

// maxRemembered bounds each memory of names; beyond it the memory starts anew.
const maxRemembered = 16_384

// Longer ones are not remembered: a memory of giants would not be bounded.
const (
	maxIdentity  = 8192 // bytes of JSON
	maxAddresses = 1024
)

// NewNames makes names for the parsers of one read.
func NewNames() *Names {
	n := &Names{identities: map[string]*identity{}, addresses: map[string][]string{}}
	n.forget()
	return n
}

func (n *Names) forget() {
	clear(n.identities)
	clear(n.addresses)
	n.texts, n.lists = map[string]string{}, map[string][]string{}
}

// identity decodes a user, or remembers it: most records repeat a few users.
func (n *Names) identity(v []byte) *identity {
	if len(v) > maxIdentity {
		return decodeIdentity(v)
	}
	n.mutex.Lock()
	defer n.mutex.Unlock()
	if known := n.identities[string(v)]; known != nil {
		return known
	}
	if len(n.identities) >= maxRemembered {
		n.forget()
	}
	u := decodeIdentity(v)
	u.name, u.groups = n.text(u.name), n.list(u.groups)
	n.identities[string(v)] = u
	return u
}

func decodeIdentity(v []byte) *identity {
	u := &identity{name: rawjson.Text(v, "username"), groups: texts(rawjson.Get(v, "groups"))}
	_ = rawjson.Elements(rawjson.Get(v, "extra", "authentication.kubernetes.io/credential-id"), func(id []byte) bool {
		u.credential, _ = rawjson.String(id)
		return false
	})
	return u
}

// source decodes sourceIPs, or remembers them.
func (n *Names) source(v []byte) []string {
	if len(v) > maxAddresses {
		return texts(v)
	}
	n.mutex.Lock()
	defer n.mutex.Unlock()
	if known, ok := n.addresses[string(v)]; ok {
		return known
	}
	if len(n.addresses) >= maxRemembered {
		n.forget()
	}
	list := n.list(texts(v))
	n.addresses[string(v)] = list
	return list
}

// text gives the one copy of a text.
func (n *Names) text(s string) string {
	if known, ok := n.texts[s]; ok {
		return known
	}
	n.texts[s] = s
	return s
}

// list gives the one copy of a list.
func (n *Names) list(list []string) []string {
	var key []byte
	for i, s := range list {
		list[i] = n.text(s)
		key = append(binary.AppendUvarint(key, uint64(len(s))), s...)
	}
	if known, ok := n.lists[string(key)]; ok {
		return known
	}
	n.lists[string(key)] = list
	return list
}

// texts decodes the strings of an array; what is none, or empty, is left out.
func texts(v []byte) (list []string) {
	_ = rawjson.Elements(v, func(element []byte) bool {
		if s, ok := rawjson.String(element); ok && s != "" {
			list = append(list, s)
		}
		return true
	})
	return list
}

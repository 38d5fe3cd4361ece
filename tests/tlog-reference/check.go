// Checks what a log of ours says, with Go's own sumdb packages: check <folder>
//
// The folder holds: key, checkpoint, before (an older checkpoint), consistency (what leads from the older to the newer), between (the same
// as a file that is handed on, with both checkpoints in it), proof (of an event), and tile/ as the log serves it. Whatever is wrong ends it
// with code 1.
package main

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// The package knows Ed25519 alone, and lets others bring more: this is type 2 of c2sp.org/signed-note.
type ecdsaVerifier struct {
	name string
	hash uint32
	key  *ecdsa.PublicKey
}

func (v ecdsaVerifier) Name() string    { return v.name }
func (v ecdsaVerifier) KeyHash() uint32 { return v.hash }
func (v ecdsaVerifier) Verify(msg, sig []byte) bool {
	digest := sha256.Sum256(msg)
	return ecdsa.VerifyASN1(v.key, digest[:], sig)
}

func verifier(line string) note.Verifier {
	parts := strings.SplitN(strings.TrimSpace(line), "+", 3)
	raw, err := base64.StdEncoding.DecodeString(parts[2])
	must(err)
	if raw[0] != 2 {
		fail("the key is of type %d", raw[0])
	}
	parsed, err := x509.ParsePKIXPublicKey(raw[1:])
	must(err)
	digest := sha256.Sum256(raw[1:])
	hash := binary.BigEndian.Uint32(digest[:])
	if fmt.Sprintf("%08x", hash) != parts[1] {
		fail("the key's id is %s and should be %08x", parts[1], hash)
	}
	return ecdsaVerifier{parts[0], hash, parsed.(*ecdsa.PublicKey)}
}

func open(signed []byte, v note.Verifier) tlog.Tree {
	n, err := note.Open(signed, note.VerifierList(v))
	must(err)
	lines := strings.Split(n.Text, "\n")
	if lines[0] != v.Name() {
		fail("the checkpoint is of %s", lines[0])
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	must(err)
	return tlog.Tree{N: size, Hash: hash(lines[2])}
}

// Tiles as c2sp.org/tlog-tiles names them: Go's names begin with their height.
type tiles struct{ folder string }

func (t tiles) Height() int                         { return 8 }
func (t tiles) SaveTiles(_ []tlog.Tile, _ [][]byte) {}
func (t tiles) ReadTiles(wanted []tlog.Tile) (data [][]byte, err error) {
	for _, tile := range wanted {
		read, err := os.ReadFile(filepath.Join(t.folder, strings.Replace(tile.Path(), "tile/8/", "tile/", 1)))
		if err != nil {
			return nil, err
		}
		data = append(data, read)
	}
	return data, nil
}

func main() {
	folder := os.Args[1]
	read := func(name string) []byte {
		data, err := os.ReadFile(filepath.Join(folder, name))
		must(err)
		return data
	}
	v := verifier(string(read("key")))
	now, before := open(read("checkpoint"), v), open(read("before"), v)

	reader := tlog.TileHashReader(now, tiles{folder})
	root, err := tlog.TreeHash(now.N, reader)
	must(err)
	if root != now.Hash {
		fail("the tiles give another root")
	}

	head, body := cut(read("consistency"))
	if head[0] != fmt.Sprintf("old %d", before.N) || !bytes.Equal(body, read("checkpoint")) {
		fail("the consistency proof is about something else")
	}
	ours := tlog.TreeProof(hashes(head[1:]))
	must(tlog.CheckTree(ours, now.N, now.Hash, before.N, before.Hash))
	theirs, err := tlog.ProveTree(now.N, before.N, reader)
	must(err)
	if fmt.Sprint(ours) != fmt.Sprint(theirs) {
		fail("Go proves it otherwise")
	}

	head, body = cut(read("between"))
	older, newer, found := bytes.Cut(body, []byte("\n\nthe newer checkpoint\n"))
	title := []byte("the older checkpoint\n")
	if head[0] != "fiberlink consistency proof v1" || !found || !bytes.HasPrefix(older, title) {
		fail("what is between the checkpoints is of another form")
	}
	first, last := open([]byte(string(older[len(title):])+"\n"), v), open(newer, v)
	must(tlog.CheckTree(tlog.TreeProof(hashes(head[1:])), last.N, last.Hash, first.N, first.Hash))
	if first != before || last != now {
		fail("the proof between the checkpoints is of others")
	}

	head, body = cut(read("proof"))
	extra, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(head[1], "extra "))
	must(err)
	index, err := strconv.ParseInt(strings.TrimPrefix(head[2], "index "), 10, 64)
	must(err)
	tree := open(body, v)
	entry := sha256.Sum256(extra)
	must(tlog.CheckRecord(hashes(head[3:]), tree.N, tree.Hash, index, tlog.RecordHash(entry[:])))
	leaf, err := reader.ReadHashes([]int64{tlog.StoredHashIndex(0, index)})
	must(err)
	if leaf[0] != tlog.RecordHash(entry[:]) {
		fail("the tiles have another entry there")
	}
	fmt.Printf("%d events, and %d before, and the one at %d\n", now.N, before.N, index)
}

func cut(text []byte) (lines []string, rest []byte) {
	at := bytes.Index(text, []byte("\n\n"))
	return strings.Split(string(text[:at]), "\n"), text[at+2:]
}

func hashes(lines []string) (read []tlog.Hash) {
	for _, line := range lines {
		read = append(read, hash(line))
	}
	return read
}

func hash(text string) tlog.Hash {
	read, err := tlog.ParseHash(text)
	must(err)
	return read
}

func must(err error) {
	if err != nil {
		fail("%v", err)
	}
}

func fail(format string, arguments ...interface{}) {
	fmt.Fprintf(os.Stderr, format+"\n", arguments...)
	os.Exit(1)
}

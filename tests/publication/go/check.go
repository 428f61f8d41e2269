// Checks trees, proofs and notes with the code of Go's checksum database, which shares nothing with
// ours: one JSON object a line in, and for each "ok" or what was refused out.
package main

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type given struct {
	Key       string   // verifier key
	Note      string   // signed checkpoint
	Size      int64    // of the tree
	Root      string   // base64
	Index     int64    // of a leaf
	Leaf      string   // its hash, base64
	Inclusion []string // base64
	From      int64    // size of an earlier tree
	FromRoot  string   // base64
	Growth    []string // consistency proof, base64
}

func main() {
	in := bufio.NewReaderSize(os.Stdin, 1<<20)
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	decoder := json.NewDecoder(in)
	for decoder.More() {
		var one given
		if err := decoder.Decode(&one); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(2)
		}
		if err := check(one); err != nil {
			fmt.Fprintln(out, "refused:", err)
		} else {
			fmt.Fprintln(out, "ok")
		}
	}
}

func check(one given) error {
	verifier, err := note.NewVerifier(one.Key)
	if err != nil {
		return err
	}
	opened, err := note.Open([]byte(one.Note), note.VerifierList(verifier))
	if err != nil {
		return err
	}
	var origin, root string
	var size int64
	if _, err := fmt.Sscanf(opened.Text, "%s\n%d\n%s\n", &origin, &size, &root); err != nil {
		return err
	}
	if size != one.Size || root != one.Root {
		return fmt.Errorf("the note signs another tree: %d %s", size, root)
	}
	head, err := hash(one.Root)
	if err != nil {
		return err
	}
	leaf, err := hash(one.Leaf)
	if err != nil {
		return err
	}
	inclusion, err := hashes(one.Inclusion)
	if err != nil {
		return err
	}
	if err := tlog.CheckRecord(inclusion, one.Size, head, one.Index, leaf); err != nil {
		return fmt.Errorf("inclusion: %v", err)
	}
	before, err := hash(one.FromRoot)
	if err != nil {
		return err
	}
	growth, err := hashes(one.Growth)
	if err != nil {
		return err
	}
	if err := tlog.CheckTree(growth, one.Size, head, one.From, before); err != nil {
		return fmt.Errorf("consistency: %v", err)
	}
	return nil
}

func hash(text string) (tlog.Hash, error) {
	var made tlog.Hash
	bytes, err := base64.StdEncoding.DecodeString(text)
	if err != nil || len(bytes) != len(made) {
		return made, fmt.Errorf("%q is no hash", text)
	}
	copy(made[:], bytes)
	return made, nil
}

func hashes(texts []string) ([]tlog.Hash, error) {
	all := make([]tlog.Hash, 0, len(texts))
	for _, text := range texts {
		one, err := hash(text)
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, nil
}

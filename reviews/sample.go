package reviews

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"sort"
	"strings"

	"logreeve/reports"
)

// SampleAlgorithm names the picker (domain.md §3.7). It uses SHA-256 and HMAC
// only, so that anybody can draw the sample again in any language.
const SampleAlgorithm = "sample/v1"

// PopulationDigest is SHA-256 over the sorted keys joined by line feeds, in hex.
func PopulationDigest(keys []string) string {
	sorted := slices.Clone(keys)
	slices.Sort(sorted)
	sum := sha256.Sum256([]byte(strings.Join(sorted, "\n")))
	return hex.EncodeToString(sum[:])
}

// Draw draws the sample: seed = SHA-256("sample/v1|review|population digest|nonce"),
// every key is ranked by HMAC-SHA-256(seed, key), and each stratum gives its
// lowest. A stratum gives at least minPerStratum (or all it has), the rest is
// shared in proportion to what is left, largest remainder first, names in
// order. The chosen keys come back in rank order within the order of strata.
func Draw(review, nonce string, population []reports.Member, size, minPerStratum int) (SamplePlan, []reports.Member) {
	keys := make([]string, len(population))
	byStratum := map[string][]string{}
	for i, m := range population {
		keys[i] = m.Key
		byStratum[m.Stratum] = append(byStratum[m.Stratum], m.Key)
	}
	digest := PopulationDigest(keys)
	seed := sha256.Sum256([]byte(SampleAlgorithm + "|" + review + "|" + digest + "|" + nonce))
	nonceSum := sha256.Sum256([]byte(nonce))
	plan := SamplePlan{
		Algorithm: SampleAlgorithm, Size: size, MinPerStratum: minPerStratum,
		Nonce: nonce, NonceSHA256: hex.EncodeToString(nonceSum[:]),
		PopulationDigest: digest, Population: int64(len(population)), Seed: hex.EncodeToString(seed[:]),
	}
	names := make([]string, 0, len(byStratum))
	for name := range byStratum {
		names = append(names, name)
	}
	sort.Strings(names)
	sizes := make([]int, len(names))
	for i, name := range names {
		sizes[i] = len(byStratum[name])
	}
	var chosen []reports.Member
	for i, n := range allocate(sizes, size, minPerStratum) {
		ranked := rank(seed[:], byStratum[names[i]])
		for _, key := range ranked[:n] {
			chosen = append(chosen, reports.Member{Key: key, Stratum: names[i]})
		}
		plan.Strata = append(plan.Strata, Stratum{Name: names[i], Size: int64(sizes[i]), Drawn: n})
	}
	return plan, chosen
}

// rank orders keys by HMAC-SHA-256(seed, key).
func rank(seed []byte, keys []string) []string {
	type ranked struct {
		mac [sha256.Size]byte
		key string
	}
	all := make([]ranked, len(keys))
	for i, k := range keys {
		mac := hmac.New(sha256.New, seed)
		mac.Write([]byte(k))
		all[i].key = k
		mac.Sum(all[i].mac[:0])
	}
	slices.SortFunc(all, func(a, b ranked) int { return slices.Compare(a.mac[:], b.mac[:]) })
	out := make([]string, len(all))
	for i := range all {
		out[i] = all[i].key
	}
	return out
}

// allocate shares n picks over strata of the given sizes.
func allocate(sizes []int, n, minimum int) []int {
	got := make([]int, len(sizes))
	total := 0
	for _, s := range sizes {
		total += s
	}
	if n >= total {
		copy(got, sizes)
		return got
	}
	left := n
	for i, s := range sizes { // the minimum first, names in order, while there is something to give
		give := min(minimum, s, left)
		got[i] += give
		left -= give
	}
	rest := 0
	for i, s := range sizes {
		rest += s - got[i]
	}
	if left == 0 || rest == 0 {
		return got
	}
	type share struct{ i, remainder int }
	shares := make([]share, len(sizes))
	given := 0
	for i, s := range sizes {
		product := (s - got[i]) * left
		shares[i] = share{i, product % rest}
		got[i] += product / rest
		given += product / rest
	}
	sort.SliceStable(shares, func(a, b int) bool { return shares[a].remainder > shares[b].remainder })
	for _, sh := range shares {
		if given == left {
			break
		}
		if got[sh.i] < sizes[sh.i] {
			got[sh.i]++
			given++
		}
	}
	return got
}

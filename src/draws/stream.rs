//! Philox4x32-10 streams (Salmon, Moraes, Dror & Shaw 2011, "Parallel random numbers: as easy as
//! 1, 2, 3", SC'11). Our own twenty lines because the key must come from names and the counter
//! from the draw; checked against the published known-answer vectors.

use multiversion::multiversion;
use rand::rand_core::{Infallible, TryRng};

const M0: u32 = 0xD251_1F53;
const M1: u32 = 0xCD9E_8D57;
const W0: u32 = 0x9E37_79B9;
const W1: u32 = 0xBB67_AE85;

/// What a family of streams is for: (seed, purpose, region), hashed once and used for every draw.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key([u32; 2]);

impl Key {
    /// `purpose` names the use ("tfr", "assume.new_communities"); `region` a place code or "".
    pub fn new(seed: u64, purpose: &str, region: &str) -> Self {
        // FNV-1a over the length-prefixed names, then a SplitMix64 finaliser to spread close seeds.
        let mut h: u64 = 0xcbf2_9ce4_8422_2325;
        let mut eat = |bytes: &[u8]| {
            for b in (bytes.len() as u64).to_le_bytes().iter().chain(bytes) {
                h = (h ^ u64::from(*b)).wrapping_mul(0x0000_0100_0000_01b3);
            }
        };
        eat(&seed.to_le_bytes());
        eat(purpose.as_bytes());
        eat(region.as_bytes());
        h = (h ^ (h >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        h = (h ^ (h >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        h ^= h >> 31;
        Self([h as u32, (h >> 32) as u32])
    }

    /// The stream of one draw.
    pub fn stream(self, draw: u64) -> Stream {
        Stream { key: self.0, draw, block: 0, buffer: [[0; 4]; WIDE], used: 0, filled: 0 }
    }
}

/// The random numbers of one draw for one purpose; usable with every `rand_distr` distribution.
#[derive(Debug, Clone)]
pub struct Stream {
    key: [u32; 2],
    draw: u64,
    block: u64,
    buffer: [[u32; 4]; WIDE],
    /// Words of the buffer that were given out, and that it holds.
    used: usize,
    filled: usize,
}

/// Blocks that are computed side by side once a stream has shown that it is used for more than one.
const WIDE: usize = 8;

impl Stream {
    pub fn new(seed: u64, purpose: &str, region: &str, draw: u64) -> Self {
        Key::new(seed, purpose, region).stream(draw)
    }

    /// Uniform on the open interval (0, 1), 53 bits: never 0 or 1, so a quantile function of it is finite.
    pub fn uniform(&mut self) -> f64 {
        ((self.word64() >> 11) as f64 + 0.5) * (1.0 / (1u64 << 53) as f64)
    }

    /// Standard normal.
    #[inline]
    pub fn normal(&mut self) -> f64 {
        use rand_distr::Distribution;
        rand_distr::StandardNormal.sample(self)
    }

    #[cold]
    fn fill(&mut self) {
        let blocks = if self.block == 0 { 1 } else { WIDE };
        if blocks == 1 {
            self.buffer[0] = philox(counter(self.draw, self.block), self.key);
        } else {
            philox_wide(self.draw, self.block, self.key, &mut self.buffer);
        }
        self.block += blocks as u64;
        (self.used, self.filled) = (0, 4 * blocks);
    }

    #[inline]
    fn word32(&mut self) -> u32 {
        if self.used == self.filled {
            self.fill();
        }
        let word = self.buffer.as_flattened()[self.used];
        self.used += 1;
        word
    }

    #[inline]
    fn word64(&mut self) -> u64 {
        let pair = |low: u32, high: u32| u64::from(low) | (u64::from(high) << 32);
        let words = self.buffer.as_flattened();
        if self.used + 1 < self.filled
            && let (Some(low), Some(high)) = (words.get(self.used), words.get(self.used + 1))
        {
            self.used += 2;
            return pair(*low, *high);
        }
        let low = self.word32();
        pair(low, self.word32())
    }
}

impl TryRng for Stream {
    type Error = Infallible;
    #[inline]
    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(self.word32())
    }
    #[inline]
    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(self.word64())
    }
    fn try_fill_bytes(&mut self, dst: &mut [u8]) -> Result<(), Infallible> {
        for chunk in dst.chunks_mut(4) {
            chunk.copy_from_slice(&self.word32().to_le_bytes()[..chunk.len()]);
        }
        Ok(())
    }
}

fn counter(draw: u64, block: u64) -> [u32; 4] {
    [block as u32, (block >> 32) as u32, draw as u32, (draw >> 32) as u32]
}

fn philox(counter: [u32; 4], key: [u32; 2]) -> [u32; 4] {
    rounds(counter.map(|c| [c]), key).map(|[word]| word)
}

/// Consecutive blocks of one stream.
#[multiversion(targets("x86_64+avx512f+avx512dq+avx512vl+avx2", "x86_64+avx2"), dispatcher = "direct")]
fn philox_wide(draw: u64, block: u64, key: [u32; 2], into: &mut [[u32; 4]; WIDE]) {
    let counters: [_; WIDE] = std::array::from_fn(|i| counter(draw, block + i as u64));
    let word = |w: usize| counters.map(|c| c[w]);
    let [a, b, c, d] = rounds([word(0), word(1), word(2), word(3)], key);
    for (i, block) in into.iter_mut().enumerate() {
        *block = [a[i], b[i], c[i], d[i]];
    }
}

/// Ten rounds on N counters, [word][counter].
#[inline(always)]
fn rounds<const N: usize>([mut a, mut b, mut c, mut d]: [[u32; N]; 4], mut k: [u32; 2]) -> [[u32; N]; 4] {
    for round in 0..10 {
        if round > 0 {
            k = [k[0].wrapping_add(W0), k[1].wrapping_add(W1)];
        }
        for i in 0..N {
            let p0 = u64::from(M0) * u64::from(a[i]);
            let p1 = u64::from(M1) * u64::from(c[i]);
            (a[i], b[i]) = ((p1 >> 32) as u32 ^ b[i] ^ k[0], p1 as u32);
            (c[i], d[i]) = ((p0 >> 32) as u32 ^ d[i] ^ k[1], p0 as u32);
        }
    }
    [a, b, c, d]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_answers_of_random123() {
        // kat_vectors of the Random123 distribution, philox4x32 with 10 rounds.
        assert_eq!(philox([0; 4], [0; 2]), [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]);
        assert_eq!(
            philox([u32::MAX; 4], [u32::MAX; 2]),
            [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]
        );
        assert_eq!(
            philox([0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344], [0xa409_3822, 0x299f_31d0]),
            [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1]
        );
    }

    #[test]
    fn blocks_side_by_side_are_those_one_by_one() {
        let key = Key::new(5, "wide", "");
        for draw in [0, 1, u64::from(u32::MAX), u64::MAX] {
            let mut stream = key.stream(draw);
            for block in 0..40 {
                assert_eq!([0; 4].map(|_: u32| stream.word32()), philox(counter(draw, block), key.0));
            }
        }
        let mut wide = [[0; 4]; WIDE];
        let across = u64::from(u32::MAX) - 3;
        philox_wide(9, across, key.0, &mut wide);
        for (i, block) in wide.iter().enumerate() {
            assert_eq!(*block, philox(counter(9, across + i as u64), key.0));
        }
    }

    #[test]
    fn names_that_share_letters_do_not_share_streams() {
        let a: Vec<f64> = {
            let mut s = Stream::new(1, "ab", "c", 0);
            (0..4).map(|_| s.uniform()).collect()
        };
        let mut s = Stream::new(1, "a", "bc", 0);
        assert!(a.iter().all(|x| *x != s.uniform()));
    }

    #[test]
    fn moments_of_uniform_and_normal() {
        let n = 20_000;
        let (mut u, mut z, mut zz) = (0.0, 0.0, 0.0);
        for d in 0..n {
            let mut s = Stream::new(7, "moments", "", d);
            u += s.uniform();
            let x = s.normal();
            z += x;
            zz += x * x;
        }
        let n = n as f64;
        assert!((u / n - 0.5).abs() < 4.0 * (1.0 / 12.0_f64).sqrt() / n.sqrt());
        assert!((z / n).abs() < 4.0 / n.sqrt());
        assert!((zz / n - 1.0).abs() < 4.0 * 2.0_f64.sqrt() / n.sqrt());
    }
}

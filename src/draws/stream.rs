//! Philox4x32-10 streams (Salmon, Moraes, Dror & Shaw 2011, "Parallel random numbers: as easy as
//! 1, 2, 3", SC'11). Our own twenty lines because the key must come from names and the counter
//! from the draw; checked against the published known-answer vectors.

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
        Stream { key: self.0, draw, block: 0, buffer: [0; 4], used: 4 }
    }
}

/// The random numbers of one draw for one purpose; usable with every `rand_distr` distribution.
#[derive(Debug, Clone)]
pub struct Stream {
    key: [u32; 2],
    draw: u64,
    block: u64,
    buffer: [u32; 4],
    used: usize,
}

impl Stream {
    pub fn new(seed: u64, purpose: &str, region: &str, draw: u64) -> Self {
        Key::new(seed, purpose, region).stream(draw)
    }

    /// Uniform on the open interval (0, 1), 53 bits: never 0 or 1, so a quantile function of it is finite.
    pub fn uniform(&mut self) -> f64 {
        ((self.word64() >> 11) as f64 + 0.5) * (1.0 / (1u64 << 53) as f64)
    }

    /// Standard normal.
    pub fn normal(&mut self) -> f64 {
        use rand_distr::Distribution;
        rand_distr::StandardNormal.sample(self)
    }

    fn word32(&mut self) -> u32 {
        if self.used == 4 {
            let counter =
                [self.block as u32, (self.block >> 32) as u32, self.draw as u32, (self.draw >> 32) as u32];
            self.buffer = philox(counter, self.key);
            self.block += 1;
            self.used = 0;
        }
        let word = self.buffer[self.used];
        self.used += 1;
        word
    }

    fn word64(&mut self) -> u64 {
        let low = u64::from(self.word32());
        low | (u64::from(self.word32()) << 32)
    }
}

impl TryRng for Stream {
    type Error = Infallible;
    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(self.word32())
    }
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

fn philox(mut c: [u32; 4], mut k: [u32; 2]) -> [u32; 4] {
    for round in 0..10 {
        if round > 0 {
            k = [k[0].wrapping_add(W0), k[1].wrapping_add(W1)];
        }
        let p0 = u64::from(M0) * u64::from(c[0]);
        let p1 = u64::from(M1) * u64::from(c[2]);
        c = [(p1 >> 32) as u32 ^ c[1] ^ k[0], p1 as u32, (p0 >> 32) as u32 ^ c[3] ^ k[1], p0 as u32];
    }
    c
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

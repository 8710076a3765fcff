//! Room for the values of many draws. A hundred megabytes in pages of 4 KB cost as much time as computing
//! what stands in them, so large rooms ask the system for large pages; where it has none they work as before.

use std::ops::{Deref, DerefMut};

use memmap2::MmapMut;

/// From this many bytes on a room is mapped by itself.
const LARGE: usize = 4 << 20;

/// Zeros to be written over.
pub(super) enum Store {
    Plain(Vec<f64>),
    Mapped { map: MmapMut, values: usize },
}

impl Store {
    pub fn zeros(values: usize) -> Self {
        let bytes = values.saturating_mul(size_of::<f64>());
        let mapped = (bytes >= LARGE).then(|| MmapMut::map_anon(bytes).ok()).flatten();
        match mapped {
            Some(map) => {
                #[cfg(target_os = "linux")]
                // Without large pages the mapping is as good as any.
                let _ = map.advise(memmap2::Advice::HugePage);
                Self::Mapped { map, values }
            }
            None => Self::Plain(vec![0.0; values]),
        }
    }
}

impl Deref for Store {
    type Target = [f64];

    fn deref(&self) -> &[f64] {
        match self {
            Self::Plain(values) => values,
            // A mapping begins at a page, so it is aligned and this never fails.
            Self::Mapped { map, values } => bytemuck::try_cast_slice(&map[..values * 8]).unwrap_or_default(),
        }
    }
}

impl DerefMut for Store {
    fn deref_mut(&mut self) -> &mut [f64] {
        match self {
            Self::Plain(values) => values,
            Self::Mapped { map, values } => {
                bytemuck::try_cast_slice_mut(&mut map[..*values * 8]).unwrap_or_default()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_and_large_rooms_hold_what_is_written() {
        for n in [0, 1, 1000, LARGE / 8, LARGE / 8 + 77] {
            let mut store = Store::zeros(n);
            assert_eq!(store.len(), n);
            assert!(store.iter().all(|v| *v == 0.0));
            store.iter_mut().enumerate().for_each(|(i, v)| *v = i as f64);
            assert_eq!(store.iter().sum::<f64>(), (0..n).map(|i| i as f64).sum::<f64>());
        }
    }
}

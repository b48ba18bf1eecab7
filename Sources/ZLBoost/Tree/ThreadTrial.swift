import Glibc

/// Whether trees grow on several threads or on one: what took less time for a few trees, tried again from time to time. Where other
/// programs keep the processors busy, threads that wait for each other are slower than one. Trees are the same in any case.
struct ThreadTrial {
    /// Trees from one trial to the next, and trees of a trial: first some on several threads, then as many on one.
    private static let period = 64
    private static let sample = 3

    private var tree = 0
    private var start = 0.0
    private var best = (several: Double.infinity, one: Double.infinity)

    /// Begins a tree and returns whether several threads are to work on it.
    mutating func begin() -> Bool {
        if tree == 0 { best = (.infinity, .infinity) }
        start = Self.seconds()
        if tree < Self.sample { return true }
        return tree >= 2 * Self.sample && best.several <= best.one
    }

    /// Ends the tree that was begun last.
    mutating func end() {
        let spent: Double = Self.seconds() - start
        if tree < Self.sample {
            best.several = min(best.several, spent)
        } else if tree < 2 * Self.sample {
            best.one = min(best.one, spent)
        }
        tree = (tree + 1) % Self.period
    }

    private static func seconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }
}

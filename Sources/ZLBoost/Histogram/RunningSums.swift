/// Gradient and hessian of a histogram entry, side by side in one vector.
typealias SumPair = SIMD2<Double>

/// A chain of additions over histogram entries, each partial sum kept. The order of additions is LightGBM's, so the bits are.
struct RunningSum {
    var entry: UnsafePointer<SumPair>
    /// 1 or -1 entries.
    var step: Int
    var count: Int
    /// What the chain begins with.
    var start: SumPair
    /// Room for `count` partial sums.
    var target: UnsafeMutablePointer<SumPair>
}

/// Chains wait for one addition after the other; four at a time keep the processor busy.
enum RunningSums {
    static func add(_ chain: RunningSum) { add(chain, chain.start, from: 0) }

    private static func add(_ chain: RunningSum, _ start: SumPair, from first: Int) {
        var sum: SumPair = start
        var entry: UnsafePointer<SumPair> = chain.entry + first * chain.step
        for index in first..<max(first, chain.count) {
            sum += entry.pointee
            chain.target[index] = sum
            entry += chain.step
        }
    }

    /// Four chains of one direction.
    static func add(_ a: RunningSum, _ b: RunningSum, _ c: RunningSum, _ d: RunningSum) {
        let shared: Int = max(0, min(min(a.count, b.count), min(c.count, d.count)))
        let step: Int = a.step
        var sums: (SumPair, SumPair, SumPair, SumPair) = (a.start, b.start, c.start, d.start)
        var place = 0
        for index in 0..<shared {
            sums.0 += a.entry[place]
            sums.1 += b.entry[place]
            sums.2 += c.entry[place]
            sums.3 += d.entry[place]
            a.target[index] = sums.0
            b.target[index] = sums.1
            c.target[index] = sums.2
            d.target[index] = sums.3
            place &+= step
        }
        add(a, sums.0, from: shared)
        add(b, sums.1, from: shared)
        add(c, sums.2, from: shared)
        add(d, sums.3, from: shared)
    }

    /// `start` less all entries, one after the other.
    static func rest(_ entries: UnsafePointer<SumPair>, count: Int, of start: SumPair) -> SumPair {
        var rest: SumPair = start
        for index in 0..<count { rest -= entries[index] }
        return rest
    }

    /// The same for four histograms.
    static func rest(
        _ a: UnsafePointer<SumPair>, _ b: UnsafePointer<SumPair>, _ c: UnsafePointer<SumPair>, _ d: UnsafePointer<SumPair>,
        counts: SIMD4<Int>, of start: SumPair
    ) -> (SumPair, SumPair, SumPair, SumPair) {
        let shared: Int = max(0, min(min(counts[0], counts[1]), min(counts[2], counts[3])))
        var rests: (SumPair, SumPair, SumPair, SumPair) = (start, start, start, start)
        for index in 0..<shared {
            rests.0 -= a[index]
            rests.1 -= b[index]
            rests.2 -= c[index]
            rests.3 -= d[index]
        }
        return (
            rest(a + shared, count: counts[0] - shared, of: rests.0), rest(b + shared, count: counts[1] - shared, of: rests.1),
            rest(c + shared, count: counts[2] - shared, of: rests.2), rest(d + shared, count: counts[3] - shared, of: rests.3)
        )
    }
}

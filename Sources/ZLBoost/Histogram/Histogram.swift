import Glibc

/// What a bin of a leaf adds up to. There are no row counts: LightGBM estimates them from the hessians.
struct HistogramEntry {
    var gradient: Double
    var hessian: Double
}

/// Operations on the histogram of one feature in one leaf: `binCount` entries, summed over the leaf's rows in ascending order.
enum Histogram {
    /// Adds `count` rows, given as row numbers and their gradient pairs in the same order, to one histogram.
    static func accumulate<Bin: FixedWidthInteger>(
        _ bins: UnsafePointer<Bin>, rows: UnsafePointer<Int32>, pairs: UnsafePointer<GradientPair>, count: Int,
        into histogram: UnsafeMutablePointer<HistogramEntry>
    ) {
        for index in 0..<count {
            let pair: GradientPair = pairs[index]
            add(pair, bins[Int(rows[index])], histogram)
        }
    }

    /// The same for four features at once: row numbers and gradients are read once, and the four chains of additions overlap.
    static func accumulateFour<Bin: FixedWidthInteger>(
        _ bins: (UnsafePointer<Bin>, UnsafePointer<Bin>, UnsafePointer<Bin>, UnsafePointer<Bin>),
        rows: UnsafePointer<Int32>, pairs: UnsafePointer<GradientPair>, count: Int,
        into histograms: (
            UnsafeMutablePointer<HistogramEntry>, UnsafeMutablePointer<HistogramEntry>,
            UnsafeMutablePointer<HistogramEntry>, UnsafeMutablePointer<HistogramEntry>
        )
    ) {
        for index in 0..<count {
            let pair: GradientPair = pairs[index]
            let row = Int(rows[index])
            add(pair, bins.0[row], histograms.0)
            add(pair, bins.1[row], histograms.1)
            add(pair, bins.2[row], histograms.2)
            add(pair, bins.3[row], histograms.3)
        }
    }

    @inline(__always)
    private static func add<Bin: FixedWidthInteger>(
        _ pair: GradientPair, _ bin: Bin, _ histogram: UnsafeMutablePointer<HistogramEntry>
    ) {
        let entry: UnsafeMutablePointer<HistogramEntry> = histogram + Int(truncatingIfNeeded: bin)
        entry.pointee.gradient += Double(pair.gradient)
        entry.pointee.hessian += Double(pair.hessian)
    }

    static func clear(_ histogram: UnsafeMutablePointer<HistogramEntry>, binCount: Int) {
        memset(histogram, 0, binCount * MemoryLayout<HistogramEntry>.stride)
    }

    /// Sets the most frequent bin of one column or four to what the other bins, subtracted in their order, leave of the leaf's sums;
    /// a column whose first bin is the most frequent one is left alone.
    ///
    /// LightGBM does not sum that bin, so its bits are those of the subtraction.
    static func completeMostFrequentBins(
        _ histograms: UnsafeMutablePointer<HistogramEntry>, _ columns: UnsafeBufferPointer<ColumnLayout>, sums: LeafSums
    ) {
        let start = SumPair(sums.gradient, sums.hessian)
        // Taking away a zero changes nothing, so the bin need not be left out.
        for column in columns where column.mostFrequentBin > 0 {
            histograms[column.offset + column.mostFrequentBin] = HistogramEntry(gradient: 0, hessian: 0)
        }
        func pairs(_ index: Int) -> UnsafePointer<SumPair> { pairsOf(histograms + columns[index].offset) }
        func count(_ index: Int) -> Int { columns[index].mostFrequentBin > 0 ? columns[index].binCount : 0 }
        func complete(_ index: Int, _ rest: SumPair) {
            guard columns[index].mostFrequentBin > 0 else { return }
            histograms[columns[index].offset + columns[index].mostFrequentBin] = HistogramEntry(gradient: rest.x, hessian: rest.y)
        }
        guard columns.count == 4 else {
            for index in columns.indices { complete(index, RunningSums.rest(pairs(index), count: count(index), of: start)) }
            return
        }
        let rests = RunningSums.rest(
            pairs(0), pairs(1), pairs(2), pairs(3), counts: SIMD4(count(0), count(1), count(2), count(3)), of: start)
        complete(0, rests.0)
        complete(1, rests.1)
        complete(2, rests.2)
        complete(3, rests.3)
    }

    /// Entries as vectors; they lie in memory alike, and a pool's histograms on borders of 16 bytes.
    @inline(__always)
    static func pairsOf(_ entries: UnsafePointer<HistogramEntry>) -> UnsafePointer<SumPair> {
        UnsafeRawPointer(entries).assumingMemoryBound(to: SumPair.self)
    }

    /// Sibling = parent - child: turns the parent's histogram into that of the larger child.
    static func subtract(
        _ child: UnsafePointer<HistogramEntry>, from parent: UnsafeMutablePointer<HistogramEntry>, binCount: Int
    ) {
        let children: UnsafePointer<SumPair> = pairsOf(child)
        let parents: UnsafeMutablePointer<SumPair> = UnsafeMutablePointer(mutating: pairsOf(parent))
        for bin in 0..<binCount { parents[bin] -= children[bin] }
    }
}

/// A leaf's sums and its number of rows.
struct LeafSums {
    var gradient: Double
    var hessian: Double
    var count: Int
}

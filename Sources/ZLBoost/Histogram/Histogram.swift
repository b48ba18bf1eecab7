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

    /// Sets the most frequent bin to what the other bins, subtracted in their order, leave of the leaf's sums.
    ///
    /// LightGBM does not sum that bin, so its bits are those of the subtraction.
    static func completeMostFrequentBin(
        _ histogram: UnsafeMutablePointer<HistogramEntry>, binCount: Int, bin: Int, sums: LeafSums
    ) {
        var gradient: Double = sums.gradient
        var hessian: Double = sums.hessian
        for other in 0..<bin {
            gradient -= histogram[other].gradient
            hessian -= histogram[other].hessian
        }
        for other in (bin + 1)..<max(binCount, bin + 1) {
            gradient -= histogram[other].gradient
            hessian -= histogram[other].hessian
        }
        histogram[bin] = HistogramEntry(gradient: gradient, hessian: hessian)
    }

    /// Sibling = parent - child: turns the parent's histogram into that of the larger child.
    static func subtract(
        _ child: UnsafePointer<HistogramEntry>, from parent: UnsafeMutablePointer<HistogramEntry>, binCount: Int
    ) {
        for bin in 0..<binCount {
            parent[bin].gradient -= child[bin].gradient
            parent[bin].hessian -= child[bin].hessian
        }
    }
}

/// A leaf's sums and its number of rows.
struct LeafSums {
    var gradient: Double
    var hessian: Double
    var count: Int
}

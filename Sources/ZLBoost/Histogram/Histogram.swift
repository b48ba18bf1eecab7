import CKernels

/// What a bin of a leaf adds up to. There are no row counts: LightGBM estimates them from the hessians.
struct HistogramEntry {
    var gradient: Double
    var hessian: Double
}

/// Operations on the histograms of a leaf, which lie as a `HistogramLayout` says: sums over the leaf's rows in ascending order.
enum Histogram {
    /// Sums rows, with gradient pairs by row number, into the histograms of groups of columns, which hold zeros if `isClear`.
    static func sum(
        _ bins: RowBins, rows: UnsafeBufferPointer<Int32>, pairs: UnsafePointer<GradientPair>, groups: UnsafeBufferPointer<ZLColumnGroup>,
        into histograms: UnsafeMutablePointer<HistogramEntry>, isClear: Bool = false
    ) {
        zl_sum_rows(
            bins.memory, bins.stride, bins.width == .word ? 1 : 0, rows.baseAddress,
            UnsafeRawPointer(pairs).assumingMemoryBound(to: ZLPair.self), rows.count, groups.baseAddress, groups.count,
            sumsOf(histograms), isClear ? 1 : 0)
    }

    /// Entries as the kernels see them.
    static func sumsOf(_ entries: UnsafeMutablePointer<HistogramEntry>) -> UnsafeMutablePointer<ZLSums> {
        UnsafeMutableRawPointer(entries).assumingMemoryBound(to: ZLSums.self)
    }

    static func sumsOf(_ entries: UnsafePointer<HistogramEntry>) -> UnsafePointer<ZLSums> {
        UnsafeRawPointer(entries).assumingMemoryBound(to: ZLSums.self)
    }

    /// Sets the most frequent bin of each column to what the other bins, subtracted in their order, leave of the leaf's sums, and a
    /// most frequent bin 0 to nothing.
    ///
    /// LightGBM does not sum that bin, so its bits are those of the subtraction.
    static func completeMostFrequentBins(
        _ histograms: UnsafeMutablePointer<HistogramEntry>, _ groups: UnsafeBufferPointer<ZLColumnGroup>, sums: LeafSums
    ) {
        zl_complete_groups(
            sumsOf(histograms), groups.baseAddress, groups.count, ZLSums(gradient: sums.gradient, hessian: sums.hessian))
    }

    /// Sibling = parent - child: turns a group of the parent's histograms into those of the larger child.
    static func subtract(
        _ child: UnsafePointer<HistogramEntry>, from parent: UnsafeMutablePointer<HistogramEntry>, _ group: ZLColumnGroup
    ) {
        zl_subtract_sums(
            sumsOf(child + group.offset), sumsOf(parent + group.offset), group.count * HistogramLayout.groupWidth)
    }
}

/// A leaf's sums and its number of rows.
struct LeafSums {
    var gradient: Double
    var hessian: Double
    var count: Int
}

import CKernels
import Glibc

/// What a bin of a leaf adds up to. There are no row counts: LightGBM estimates them from the hessians.
struct HistogramEntry {
    var gradient: Double
    var hessian: Double
}

/// Operations on the histogram of one feature in one leaf: `binCount` entries, summed over the leaf's rows in ascending order.
enum Histogram {
    /// Adds rows, with gradient pairs by row number, to the histograms of groups of columns.
    static func accumulate(
        _ bins: RowBins, rows: UnsafeBufferPointer<Int32>, pairs: UnsafePointer<GradientPair>, groups: UnsafeBufferPointer<ZLColumnGroup>
    ) {
        zl_add_rows(
            bins.memory, bins.stride, bins.width == .word ? 1 : 0, rows.baseAddress,
            UnsafeRawPointer(pairs).assumingMemoryBound(to: ZLPair.self), rows.count, groups.baseAddress, groups.count)
    }

    /// Entries as the kernels see them.
    static func sumsOf(_ entries: UnsafeMutablePointer<HistogramEntry>) -> UnsafeMutablePointer<ZLSums> {
        UnsafeMutableRawPointer(entries).assumingMemoryBound(to: ZLSums.self)
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
        zl_subtract_sums(UnsafeRawPointer(child).assumingMemoryBound(to: ZLSums.self), sumsOf(parent), binCount)
    }
}

/// A leaf's sums and its number of rows.
struct LeafSums {
    var gradient: Double
    var hessian: Double
    var count: Int
}

/// The rows of a tree's leaves: row numbers in one buffer, each leaf a stretch of it, ascending within a leaf.
///
/// Belongs to one learner. Splitting is stable and allocates nothing; O(rows of the leaf).
final class RowPartition {
    /// Row numbers, leaf after leaf in no particular order of leaves.
    let rows: UnsafeMutablePointer<Int32>
    private let scratch: UnsafeMutablePointer<Int32>
    private let begins: UnsafeMutablePointer<Int>
    private let counts: UnsafeMutablePointer<Int>

    init(rowCount: Int, leafCount: Int) {
        rows = .allocate(capacity: max(rowCount, 1))
        scratch = .allocate(capacity: max(rowCount, 1))
        begins = .allocate(capacity: leafCount)
        counts = .allocate(capacity: leafCount)
        begins.initialize(repeating: 0, count: leafCount)
        counts.initialize(repeating: 0, count: leafCount)
    }

    deinit {
        rows.deallocate()
        scratch.deallocate()
        begins.deallocate()
        counts.deallocate()
    }

    /// Puts `count` rows into leaf 0: those in `bag`, or 0..<count if there is no bag.
    func reset(bag: UnsafePointer<Int32>?, count: Int) {
        if let bag {
            rows.update(from: bag, count: count)
        } else {
            for row in 0..<count { rows[row] = Int32(truncatingIfNeeded: row) }
        }
        begins[0] = 0
        counts[0] = count
    }

    func count(_ leaf: Int) -> Int { counts[leaf] }

    /// The leaf's row numbers, ascending.
    func rows(of leaf: Int) -> UnsafeBufferPointer<Int32> {
        UnsafeBufferPointer(start: rows + begins[leaf], count: counts[leaf])
    }

    /// Splits `leaf`: rows that go left stay in it, the others become `newLeaf`.
    func split(_ leaf: Int, into newLeaf: Int, bins: BinColumns, by node: BinnedNode) {
        let begin: Int = begins[leaf]
        let count: Int = counts[leaf]
        let column = Int(node.column)
        let leftCount: Int =
            switch bins.width {
            case .byte: divide(UnsafePointer(bins.bytes(column)), begin, count, node)
            case .word: divide(UnsafePointer(bins.words(column)), begin, count, node)
            }
        counts[leaf] = leftCount
        begins[newLeaf] = begin + leftCount
        counts[newLeaf] = count - leftCount
    }

    /// Moves rows that go left to the front, the others behind them, each in their order, without a branch a row.
    private func divide<Bin: FixedWidthInteger>(
        _ bins: UnsafePointer<Bin>, _ begin: Int, _ count: Int, _ node: BinnedNode
    ) -> Int {
        let stretch: UnsafeMutablePointer<Int32> = rows + begin
        let right: UnsafeMutablePointer<Int32> = scratch
        let threshold: Int32 = node.threshold
        let flipped: Int32 = node.flippedBin
        var leftCount = 0
        for index in 0..<count {
            let row: Int32 = stretch[index]
            let bin = Int32(truncatingIfNeeded: bins[Int(row)])
            let goesLeft: Bool = (bin <= threshold) != (bin == flipped)
            stretch[leftCount] = row
            right[index &- leftCount] = row
            leftCount = goesLeft ? leftCount &+ 1 : leftCount
        }
        (stretch + leftCount).update(from: right, count: count - leftCount)
        return leftCount
    }
}

/// A node of a tree over bins: rows in bins up to `threshold` go left, but rows in `flippedBin` go the other way.
struct BinnedNode {
    var column: Int32
    var threshold: Int32
    /// The bin of missing values if their side is not the one that the threshold says; -1 if there is no such bin.
    var flippedBin: Int32
    /// Inner node, or ~leaf.
    var leftChild: Int32
    var rightChild: Int32
}

/// The tree that was grown last, over bins: for rows that are not in the learner's partition.
enum BinnedTree {
    /// Adds the value of the leaf that each row ends in to the row's score. `rows` nil: those from `firstRow` on.
    static func addScores(
        nodes: UnsafePointer<BinnedNode>, leafValues: UnsafePointer<Double>, bins: BinColumns,
        rows: UnsafePointer<Int32>?, firstRow: Int, count: Int, to scores: UnsafeMutablePointer<Double>
    ) {
        withUnsafeTemporaryAllocation(of: UnsafeRawPointer.self, capacity: max(bins.columnCount, 1)) { columns in
            for column in 0..<bins.columnCount {
                let base: UnsafeRawPointer =
                    bins.width == .byte
                    ? UnsafeRawPointer(bins.bytes(column)) : UnsafeRawPointer(bins.words(column))
                columns.initializeElement(at: column, to: base)
            }
            guard let first = columns.baseAddress else { return }
            switch bins.width {
            case .byte: add(nodes, leafValues, UInt8.self, first, rows, firstRow, count, scores)
            case .word: add(nodes, leafValues, UInt16.self, first, rows, firstRow, count, scores)
            }
        }
    }

    private static func add<Bin: FixedWidthInteger>(
        _ nodes: UnsafePointer<BinnedNode>, _ leafValues: UnsafePointer<Double>, _ type: Bin.Type,
        _ columns: UnsafePointer<UnsafeRawPointer>, _ rows: UnsafePointer<Int32>?, _ firstRow: Int, _ count: Int,
        _ scores: UnsafeMutablePointer<Double>
    ) {
        for index in 0..<count {
            let row: Int = rows == nil ? firstRow &+ index : Int(rows.unsafelyUnwrapped[index])
            var node = 0
            while node >= 0 {
                let split: UnsafePointer<BinnedNode> = nodes + node
                let column: UnsafeRawPointer = columns[Int(split.pointee.column)]
                let stored: Bin = column.assumingMemoryBound(to: Bin.self)[row]
                let bin = Int32(truncatingIfNeeded: stored)
                let goesLeft: Bool = (bin <= split.pointee.threshold) != (bin == split.pointee.flippedBin)
                node = Int(goesLeft ? split.pointee.leftChild : split.pointee.rightChild)
            }
            scores[row] += leafValues[~node]
        }
    }
}

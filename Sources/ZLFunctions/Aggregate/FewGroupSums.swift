import CKernels
import ZLColumnar

/// Sums of one batch for few groups, several parts a group: rows of one group that follow each other need not wait for one sum.
struct FewGroupSums {
    struct Sum {
        /// Of the values; of their low halves, taken as unsigned, where they have 128 bits.
        var low: Int128 = 0
        /// Of the high halves.
        var high: Int128 = 0
        var count: Int64 = 0
    }

    private var parts: Buffer?
    private static let groupLimit = 64
    /// With fewer rows for each group, adding up the parts costs more than it saves.
    private static let rowsPerGroup = 16

    /// The group of each row, where the groups are few and every row counts; nil where rows are to be added one by one.
    static func groups(of rows: AggregateRows, groupCount: Int, _ vector: ColumnVector) -> UnsafePointer<UInt32>? {
        guard let groups = rows.groups, groupCount <= groupLimit, groupCount * rowsPerGroup <= rows.count, !vector.mayHaveNulls else { return nil }
        return groups
    }

    /// Has `fill` add rows to the parts of at most as many groups as `groups(of:)` allows, and gives each group's sum to `take`.
    @inline(__always)
    mutating func add(to groupCount: Int, _ fill: (UnsafeMutableRawPointer) -> Void, _ take: (_ group: Int, _ sum: Sum) -> Void) {
        let partCount = Int(ZL_SUM_PARTS)
        let buffer = parts ?? Buffer(byteCount: FewGroupSums.groupLimit * partCount * MemoryLayout<Sum>.stride)
        parts = buffer
        let sums = buffer.values(Sum.self)
        sums.update(repeating: Sum(), count: groupCount * partCount)
        fill(buffer.address)
        for group in 0..<groupCount {
            var total = Sum()
            for part in group * partCount..<(group + 1) * partCount {
                total.low &+= sums[part].low
                total.high &+= sums[part].high
                total.count &+= sums[part].count
            }
            take(group, total)
        }
    }
}

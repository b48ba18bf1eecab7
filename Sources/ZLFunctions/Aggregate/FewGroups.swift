import CKernels
import ZLColumnar

/// Batches whose groups are few beside their rows: what is the same for all states is found once, and rows that follow each other need not
/// wait for one sum.
enum FewGroups {
    private static let most = 256
    /// With fewer rows for each group, going through the groups costs more than it saves.
    private static let rowsPerGroup = 8
    private static let partCount = Int(ZL_GROUP_PARTS)

    /// So many numbers of less than 2^51 have a sum that fits in 64 bits.
    static let mostNarrow = 1 << 12

    /// Whether no run, or no group without runs, has more rows than that.
    static func areShort(_ rows: AggregateRows) -> Bool {
        rows.count <= mostNarrow || rows.groups == nil && rows.runs.allSatisfy { $0.end - $0.start <= mostNarrow }
    }

    /// The rows' groups, where they are few and every row counts; nil where rows are to be added one by one.
    static func tally(of rows: AggregateRows, groupCount: Int, _ vector: ColumnVector?) -> GroupTally? {
        guard let tally = rows.tally, groupCount <= most, groupCount * rowsPerGroup <= rows.count, vector?.mayHaveNulls != true else { return nil }
        return tally
    }

    /// Gives each group that has rows the sum of its values, and their number.
    ///
    /// - Parameters:
    ///   - values: between -2^51 and 2^51, `mostNarrow` at most.
    ///   - step: 2 for the low halves of 128-bit numbers.
    @inline(__always)
    static func add(
        _ values: UnsafePointer<Int64>, step: Int, _ tally: GroupTally, groupCount: Int, _ take: (_ group: Int, _ sum: Int64, _ count: Int64) -> Void
    ) {
        let counts = tally.counts(groupCount: groupCount)
        withUnsafeTemporaryAllocation(of: UInt64.self, capacity: groupCount * partCount) { buffer in
            guard let parts = buffer.baseAddress else { return }
            parts.update(repeating: 0, count: groupCount * partCount)
            zl_sum_groups(values, step, tally.groups, tally.rowCount, parts)
            for group in 0..<groupCount {
                let count = counts[group] &+ counts[groupCount + group]
                if count == 0 { continue }
                var sum: UInt64 = 0
                for part in 0..<partCount { sum &+= parts[group * partCount + part] }
                take(group, Int64(bitPattern: sum), Int64(count))
            }
        }
    }

    fileprivate static func count(_ groups: UnsafePointer<UInt32>, _ rowCount: Int, groupCount: Int, into target: UnsafeMutablePointer<UInt32>) {
        withUnsafeTemporaryAllocation(of: UInt32.self, capacity: groupCount * partCount) { buffer in
            guard let parts = buffer.baseAddress else { return }
            parts.update(repeating: 0, count: groupCount * partCount)
            zl_count_groups(groups, rowCount, parts)
            for group in 0..<groupCount {
                var count: UInt32 = 0
                for part in 0..<partCount { count &+= parts[group * partCount + part] }
                target[group] = count
            }
        }
    }
}

/// How many rows of a batch each group has, counted when it is first asked for. As long as the batch's group numbers.
final class GroupTally {
    let groups: UnsafePointer<UInt32>
    let rowCount: Int
    private let border: Int
    private var known: Buffer?

    init(_ groups: UnsafePointer<UInt32>, rowCount: Int, border: Int) {
        self.groups = groups
        self.rowCount = rowCount
        self.border = border
    }

    /// A count a group of the rows before the border, and then of those behind it.
    ///
    /// - Parameter groupCount: the same in every call.
    func counts(groupCount: Int) -> UnsafePointer<UInt32> {
        if let known { return UnsafePointer(known.values(UInt32.self)) }
        let made = Buffer(byteCount: max(16, 8 * groupCount))
        let counts = made.values(UInt32.self)
        FewGroups.count(groups, border, groupCount: groupCount, into: counts)
        FewGroups.count(groups + border, rowCount - border, groupCount: groupCount, into: counts + groupCount)
        known = made
        return UnsafePointer(counts)
    }
}

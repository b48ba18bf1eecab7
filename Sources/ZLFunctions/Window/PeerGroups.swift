import ZLColumnar

/// The rows of a partition with equal ORDER BY keys.
package struct PeerGroups: @unchecked Sendable {  // proof: the buffers are written in init and read only afterwards
    /// The first row of each row's peer group.
    package let start: UnsafePointer<UInt32>
    /// The first row after each row's peer group.
    package let end: UnsafePointer<UInt32>
    private let buffers: [Buffer]

    /// - Complexity: O(rows)
    package init(_ runs: KeyRuns, count: Int) {
        let starts = Buffer(byteCount: max(16, count * 4))
        let ends = Buffer(byteCount: max(16, count * 4))
        let first = starts.values(UInt32.self)
        let last = ends.values(UInt32.self)
        var start: UInt32 = 0
        for row in 0..<count {
            if runs.borders[row] != 0 { start = UInt32(truncatingIfNeeded: row) }
            first[row] = start
        }
        var end = UInt32(truncatingIfNeeded: count)
        for row in stride(from: count - 1, through: 0, by: -1) {
            last[row] = end
            if runs.borders[row] != 0 { end = UInt32(truncatingIfNeeded: row) }
        }
        self.init(starts, ends)
    }

    /// Stands for the groups where no call asks for them; holds none.
    package init() { self.init(Buffer(byteCount: 16), Buffer(byteCount: 16)) }

    private init(_ starts: Buffer, _ ends: Buffer) {
        start = UnsafePointer(starts.values(UInt32.self))
        end = UnsafePointer(ends.values(UInt32.self))
        buffers = [starts, ends]
    }
}

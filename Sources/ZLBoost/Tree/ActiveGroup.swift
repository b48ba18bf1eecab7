/// A group of columns with some that are searched at a node.
struct ActiveGroup {
    /// Among the groups of the layout.
    var group: Int
    /// Bit l: whether the group's column l is searched.
    var lanes: UInt8 = 0
}

extension UnsafeBufferPointer<ActiveGroup> {
    /// Calls `body` with the place among all columns of these groups, four a group, and the number of each that is searched.
    @inline(__always)
    func forEachColumn(_ layout: HistogramLayout, _ body: (_ place: Int, _ column: Int) -> Void) {
        for (index, active) in enumerated() {
            let members: SIMD4<Int> = layout.members[active.group]
            for lane in 0..<HistogramLayout.groupWidth where active.lanes >> lane & 1 == 1 {
                body(index * HistogramLayout.groupWidth + lane, members[lane])
            }
        }
    }
}

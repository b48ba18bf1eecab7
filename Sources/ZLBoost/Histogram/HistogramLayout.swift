import CKernels

/// Where the columns of a data set have their histograms in those of a leaf: in groups of four side by side, entry after entry, so
/// that one vector holds a place of four columns.
///
/// A group's columns are alike, so that little of it is padding: columns whose missing values are tried on both sides are not mixed
/// with others, and columns go by their number of bins.
struct HistogramLayout: Sendable {
    static let groupWidth = 4

    /// What a search has to know of each column.
    let columns: [ColumnLayout]
    let groups: [ZLColumnGroup]
    /// The columns of each group, -1 where it has fewer.
    let members: [SIMD4<Int>]
    /// The entries of all groups.
    let entryCount: Int
    /// The places of the widest group.
    let widest: Int
    /// Of each column its group and which of the four it is.
    private let lanes: [(group: Int, lane: Int)]

    init(_ columns: [ColumnLayout], width: BinColumns.Width) {
        self.columns = columns
        let order: [Int] = columns.indices.sorted { Self.key(columns[$0], $0) < Self.key(columns[$1], $1) }
        var groups: [ZLColumnGroup] = []
        var members: [SIMD4<Int>] = []
        var lanes: [(group: Int, lane: Int)] = Array(repeating: (0, 0), count: columns.count)
        var offset = 0
        var begin = 0
        while begin < order.count {
            let isTwoSided: Bool = Self.hasPlaceForMissing(columns[order[begin]])
            var end: Int = begin
            while end < min(begin + Self.groupWidth, order.count), Self.hasPlaceForMissing(columns[order[end]]) == isTwoSided { end += 1 }
            let count: Int = order[begin..<end].reduce(2) { max($0, columns[$1].binCount) }
            var group = ZLColumnGroup()
            group.position = groups.count * Self.groupWidth * width.bytes
            group.offset = offset
            group.count = count
            group.is_two_sided = isTwoSided ? 1 : 0
            var member = SIMD4<Int>(repeating: -1)
            var frequent = SIMD4<Int32>(repeating: 0)
            for (lane, column) in order[begin..<end].enumerated() {
                member[lane] = column
                frequent[lane] = Int32(truncatingIfNeeded: Self.place(columns[column], columns[column].mostFrequentBin, count))
                lanes[column] = (groups.count, lane)
            }
            group.frequent = (frequent[0], frequent[1], frequent[2], frequent[3])
            groups.append(group)
            members.append(member)
            offset += count * Self.groupWidth
            begin = end
        }
        self.groups = groups
        self.members = members
        self.lanes = lanes
        entryCount = offset
        widest = groups.reduce(1) { max($0, $1.count) }
    }

    /// Where a column's bin is in a row, in bins.
    func position(of column: Int) -> Int { lanes[column].group * Self.groupWidth + lanes[column].lane }

    /// The entry of a column's bin in the histograms of a leaf.
    func entry(of bin: Int, in column: Int) -> Int {
        groups[lanes[column].group].offset + Self.groupWidth * place(of: bin, in: column) + lanes[column].lane
    }

    /// The place of a column's bin in its group.
    func place(of bin: Int, in column: Int) -> Int { Self.place(columns[column], bin, groups[lanes[column].group].count) }

    private static func place(_ column: ColumnLayout, _ bin: Int, _ count: Int) -> Int {
        hasPlaceForMissing(column) && bin == column.missingBin ? count - 1 : bin
    }

    private static func hasPlaceForMissing(_ column: ColumnLayout) -> Bool { column.isTwoSided && column.missingType == .nan }

    private static func key(_ column: ColumnLayout, _ number: Int) -> (Int, Int, Int) {
        (hasPlaceForMissing(column) ? 1 : 0, column.binCount, number)
    }
}

import ZLColumnar

/// The rows of a table that pass some filters.
// why: a struct of so many parts would be copied, and each part retained, for every closure
final class TableSource: BatchSource {
    struct KeyTest {
        /// Of the column, among those that are read.
        let place: Int
        let keys: JoinKeySet
    }

    /// Those whose zones pass the tests.
    private let groups: [RowGroup]
    /// The first row of each group within the table.
    private let starts: [Int]
    /// The table's columns to read.
    let indices: [Int]
    /// Places in `indices` of the columns that the filters read, and of those that nobody else reads.
    let early: [Int]
    let isFilterOnly: [Bool]
    /// A column of NULLs for each place.
    let blanks: [ColumnVector]
    let filters: Conjunction
    let tests: [ZoneTest]
    let limit: (column: Int, bar: KeyBar)?
    /// Those that leave out most rows first.
    let keyTests: [KeyTest]
    /// Rows that are read at once, whole zones of them.
    let rowsAtOnce: Int

    init(
        groups: [RowGroup], starts: [Int], indices: [Int], early: [Int], filterOnly: Set<Int>, types: [DataType], filters: Conjunction,
        tests: [ZoneTest], limit: (column: Int, bar: KeyBar)?, keyTests: [KeyTest], rowsAtOnce: Int
    ) {
        self.groups = groups
        self.starts = starts
        self.indices = indices
        self.early = early
        isFilterOnly = indices.indices.map { filterOnly.contains($0) }
        self.filters = filters
        self.tests = tests
        self.limit = limit
        self.keyTests = keyTests
        self.rowsAtOnce = rowsAtOnce
        blanks = types.map { .nulls($0, count: DataChunk.capacity) }
    }

    var morselCount: Int { groups.count }
    var rowLimit: Int? { groups.reduce(0) { $0 + $1.rowCount } }

    func run(morsel: Int, emit: (Batch) throws -> Void) throws {
        try run(morsel: morsel, parts: 0..<partCount(morsel: morsel), emit: emit)
    }

    func partCount(morsel: Int) -> Int { (groups[morsel].rowCount + DataChunk.capacity - 1) / DataChunk.capacity }

    func run(morsel: Int, parts: Range<Int>, emit: (Batch) throws -> Void) throws {
        guard isOpen(groups[morsel]) else { return }
        let reader = TableMorsel(self, groups[morsel], at: starts[morsel])
        let open = try openZones(parts, of: groups[morsel])
        if rowsAtOnce > DataChunk.capacity {
            let start = parts.lowerBound * DataChunk.capacity
            let count = min(parts.count * DataChunk.capacity, groups[morsel].rowCount - start)
            try eachRange(count, open) { rows in
                if let batch = try reader.read(start + rows.lowerBound..<start + rows.upperBound) { try emit(batch) }
            }
            return
        }
        var batches = SmallBatches()
        for part in parts {
            let rows = open.map { TableSource.rows(of: part - parts.lowerBound, $0) } ?? 0..<DataChunk.capacity
            let start = part * DataChunk.capacity
            let end = min(groups[morsel].rowCount, start + rows.upperBound)
            if start + rows.lowerBound >= end { continue }
            if let batch = try reader.read(start + rows.lowerBound..<end) { try batches.add(batch, emit) }
        }
        try batches.flush(emit)
    }

    func firstPlace(morsel: Int) -> UInt64 {
        limit.map { $0.bar.first(of: groups[morsel].segments[$0.column].zone) ?? .max } ?? 0
    }

    private var givesAllRows: Bool { early.isEmpty && tests.isEmpty && limit == nil && keyTests.isEmpty }

    func segments(morsel: Int) throws -> [SegmentRows]? {
        givesAllRows ? try indices.map { try groups[morsel].segments[$0].rows() } : nil
    }

    /// Calls `body` with neighbouring rows whose zones are open, of so many rows in all, as many as are to be read at once.
    private func eachRange(_ count: Int, _ open: [Bool]?, _ body: (Range<Int>) throws -> Void) rethrows {
        guard let open else {
            for start in stride(from: 0, to: count, by: rowsAtOnce) { try body(start..<min(start + rowsAtOnce, count)) }
            return
        }
        var zone = 0
        while zone < open.count {
            let first = zone
            while zone < open.count, open[zone], (zone - first) * ZoneMap.zoneRows < rowsAtOnce { zone += 1 }
            if zone > first { try body(first * ZoneMap.zoneRows..<min(zone * ZoneMap.zoneRows, count)) } else { zone += 1 }
        }
    }

    func openRowCount(morsel: Int) throws -> Int? {
        let group = groups[morsel]
        guard isOpen(group) else { return 0 }
        let open = try openZones(0..<partCount(morsel: morsel), of: group)
        return open.map { $0.reduce(0) { $0 + ($1 ? ZoneMap.zoneRows : 0) } } ?? group.rowCount
    }

    func rowCount(morsel: Int, part: Int) -> Int? {
        guard givesAllRows else { return nil }
        return min(DataChunk.capacity, groups[morsel].rowCount - part * DataChunk.capacity)
    }

    func ascendingEnds(morsel: Int, parts: Range<Int>) throws -> DataChunk? {
        let group = groups[morsel]
        let isWhole = parts.count == partCount(morsel: morsel)
        guard isWhole || parts.count == 1, group.rowCount > 0, rowCount(morsel: morsel, part: parts.lowerBound) != nil else { return nil }
        let rows = parts.lowerBound * DataChunk.capacity..<min(parts.upperBound * DataChunk.capacity, group.rowCount)
        var columns: [ColumnVector] = []
        for index in indices {
            let segment = group.segments[index]
            guard try isWhole ? segment.zone.isAscending : TableSource.isAscending(segment, rows) else { return nil }
            let ends = [rows.lowerBound, rows.upperBound - 1]
            columns.append(ColumnVector.concatenate(try ends.map { try segment.decode($0..<$0 + 1) }, type: segment.type))
        }
        return DataChunk(columns: columns, rowCount: 2)
    }

    func doubleBounds(morsel: Int, parts: Range<Int>) throws -> [ClosedRange<Double>?] {
        let group = groups[morsel]
        let isWhole = parts.count == partCount(morsel: morsel)
        return try indices.map { index in
            let segment = group.segments[index]
            guard segment.type.physical == .float64 else { return nil }
            if isWhole { return segment.zone.doubles }
            let zones = try segment.zones()
            let bounds = zones[TableSource.zones(of: parts, zones.count)].map(\.doubles)
            return bounds.dropFirst().reduce(bounds.first ?? nil) { $0.hull(with: $1) }
        }
    }

    /// Whether some row of a group may pass tests.
    static func mayPass(_ group: RowGroup, _ tests: [ZoneTest]) -> Bool {
        tests.allSatisfy { test in test.mayPass { group.segments[$0].zone } }
    }

    /// Whether some row of a group, one whose zones pass the tests, may be wanted still: bars rise while the query runs.
    private func isOpen(_ group: RowGroup) -> Bool {
        if let limit, limit.bar.first(of: group.segments[limit.column].zone) == nil { return false }
        return keyTests.allSatisfy { $0.keys.mayPass(group.segments[indices[$0.place]].zone) }
    }

    private static let zonesPerPart = DataChunk.capacity / ZoneMap.zoneRows

    /// The zones of some parts, of `count` in all.
    private static func zones(of parts: Range<Int>, _ count: Int) -> Range<Int> {
        parts.lowerBound * zonesPerPart..<min(count, parts.upperBound * zonesPerPart)
    }

    /// Which zones of some parts may have a row that passes; nil where all may.
    private func openZones(_ parts: Range<Int>, of group: RowGroup) throws -> [Bool]? {
        if tests.isEmpty, limit == nil { return nil }
        let all = (group.rowCount + ZoneMap.zoneRows - 1) / ZoneMap.zoneRows
        let wanted = TableSource.zones(of: parts, all)
        var open = [Bool](repeating: true, count: wanted.count)
        for test in tests { try test.narrow(&open) { try group.segments[$0].zones()[wanted] } }
        if let limit {
            let zones = try group.segments[limit.column].zones()
            for place in open.indices where open[place] { open[place] = limit.bar.first(of: zones[wanted.lowerBound + place]) != nil }
        }
        return open
    }

    /// From the first to the last of a part's zones that are open; empty where none is.
    private static func rows(of part: Int, _ open: [Bool]) -> Range<Int> {
        var (first, end) = (part * zonesPerPart, min(open.count, (part + 1) * zonesPerPart))
        while first < end, !open[first] { first += 1 }
        while first < end, !open[end - 1] { end -= 1 }
        let start = part * zonesPerPart
        return (first - start) * ZoneMap.zoneRows..<(end - start) * ZoneMap.zoneRows
    }

    /// Whether the rows of some zones hold no NULL and no value below the one before.
    private static func isAscending(_ segment: Segment, _ rows: Range<Int>) throws -> Bool {
        let first = rows.lowerBound / ZoneMap.zoneRows
        let zones = try segment.zones()[first..<(rows.upperBound + ZoneMap.zoneRows - 1) / ZoneMap.zoneRows]
        guard zones.allSatisfy(\.isAscending) else { return false }
        for place in zones.indices.dropFirst() {
            guard let before = zones[place - 1].bounds, let next = zones[place].bounds, before.upperBound <= next.lowerBound else { return false }
            // why: the keys of texts are prefixes
            guard before.upperBound == next.lowerBound, segment.type.physical == .string else { continue }
            let border = place * ZoneMap.zoneRows
            // why: flat, for else all texts of the dictionary would be put in order
            guard try ZoneMap.of(segment.decode(border - 1..<border + 1).flattened()).isAscending else { return false }
        }
        return true
    }
}

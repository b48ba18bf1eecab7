import ZLColumnar

/// Reads a table; a morsel is a row group. Row groups and vectors whose zone maps rule the filters out are not read; columns that the
/// filters need are decoded first, the others where rows pass. So are rows behind a bar.
struct TableRead: PhysicalOperator {
    private var scan: TableScan
    /// Rows of which a column, by its place in the table, comes behind are left out.
    private var limit: (column: Int, bar: KeyBar)?
    /// And so are rows of which a column holds no key.
    private var keyFilters: [KeyFilter] = []

    init(scan: TableScan) { self.scan = scan }

    var columns: [OutputColumn] { scan.columns }
    var children: [any PhysicalOperator] { [] }
    var title: String {
        "TableRead \(scan.schema).\(scan.name): " + scan.columns.map(\.name).joined(separator: ", ")
            + (scan.filters.isEmpty ? "" : " where " + scan.filters.map { "\($0)" }.joined(separator: " and "))
    }

    var isRereadable: Bool { true }

    func giving(atLeast needed: Set<ColumnID>) -> any PhysicalOperator {
        var read = needed
        for filter in scan.filters { filter.collectColumns(into: &read) }
        let kept = scan.columns.indices.filter { read.contains(scan.columns[$0].id) }
        var narrow = scan
        narrow.columns = kept.map { scan.columns[$0] }
        narrow.indices = kept.map { scan.indices[$0] }
        narrow.filterOnly = Set(kept.indices.filter { !needed.contains(narrow.columns[$0].id) })
        var copy = self
        copy.scan = narrow
        return copy
    }

    func keeping(_ filters: [KeyFilter]) -> any PhysicalOperator {
        guard scan.filters.allSatisfy(\.cannotFail) else { return self }
        var copy = self
        copy.keyFilters += filters.filter { filter in scan.columns.contains { $0.id == filter.column } }
        return copy
    }

    func stopping(at bar: KeyBar, of column: ColumnID) -> any PhysicalOperator {
        guard let place = scan.columns.firstIndex(where: { $0.id == column }), scan.filters.allSatisfy(\.cannotFail) else { return self }
        var stopping = self
        stopping.limit = (scan.indices[place], bar)
        return stopping
    }

    func wholeBounds(of column: ColumnID) -> ClosedRange<Int64>? {
        guard let place = scan.columns.firstIndex(where: { $0.id == column }), WholeKeys.applies(to: scan.columns[place].type.physical) else {
            return nil
        }
        var bounds: ClosedRange<Int64>?
        for group in scan.data.rowGroups {
            let zone = group.segments[scan.indices[place]].zone
            if zone.nullCount == zone.rowCount { continue }
            guard let more = zone.bounds else { return nil }
            bounds = bounds.map { min($0.lowerBound, more.lowerBound)...max($0.upperBound, more.upperBound) } ?? more
        }
        return bounds
    }

    /// Not for some of the rows: to number all of them may take longer than to read those.
    func sharedTexts(of column: ColumnID, _ context: ExecutionContext) throws(ZLError) -> ColumnVector? {
        guard scan.filters.isEmpty, keyFilters.isEmpty, limit == nil, let place = scan.columns.firstIndex(where: { $0.id == column }),
            scan.columns[place].type.physical == .string
        else { return nil }
        return try SharedTexts.dictionary(of: scan.data.rowGroups.map { $0.segments[scan.indices[place]] }, threads: context.threads)
    }

    func open(_ context: ExecutionContext) throws -> any BatchSource {
        let filterColumns = scan.filters.reduce(into: Set<ColumnID>()) { $0.formUnion($1.columnIDs) }
        let early = scan.columns.indices.filter { filterColumns.contains(scan.columns[$0].id) }
        let layout = ColumnLayout(early.map { scan.columns[$0] })
        var starts: [Int] = []
        var start = 0
        for group in scan.data.rowGroups {
            starts.append(start)
            start += group.rowCount
        }
        return Source(
            groups: scan.data.rowGroups, starts: starts, indices: scan.indices, early: early, filterOnly: scan.filterOnly,
            types: scan.columns.map(\.type),
            filters: Conjunction(try PhysicalExpression.all(scan.filters, layout)),
            tests: scan.filters.compactMap { ZoneTest($0) },
            places: Dictionary(zip(scan.columns.map(\.id), scan.indices), uniquingKeysWith: { first, _ in first }), limit: limit,
            keyTests: keyFilters.sorted { $0.keys.density < $1.keys.density }.compactMap { filter in
                scan.columns.firstIndex { $0.id == filter.column }.map { KeyTest(place: $0, keys: filter.keys) }
            })
    }

    private struct KeyTest {
        /// Of the column, among those that are read.
        let place: Int
        let keys: JoinKeySet
    }

    // why: a struct of so many parts would be copied, and each part retained, for every closure
    private final class Source: BatchSource {
        private let groups: [RowGroup]
        /// The first row of each group within the table.
        private let starts: [Int]
        /// The table's columns to read.
        private let indices: [Int]
        /// Places in `indices` of the columns that the filters read, and of those that nobody else reads.
        private let early: [Int]
        private let isFilterOnly: [Bool]
        /// A column of NULLs for each place.
        private let blanks: [ColumnVector]
        private let filters: Conjunction
        private let tests: [ZoneTest]
        /// The table's columns by their number in the query.
        private let places: [ColumnID: Int]
        private let limit: (column: Int, bar: KeyBar)?
        /// Those that leave out most rows first.
        private let keyTests: [KeyTest]

        /// Of so many rows of a morsel that were tested nearly all passed: the test costs more than it saves.
        private static let testedRows = 4 * DataChunk.capacity

        init(
            groups: [RowGroup], starts: [Int], indices: [Int], early: [Int], filterOnly: Set<Int>, types: [DataType], filters: Conjunction,
            tests: [ZoneTest], places: [ColumnID: Int], limit: (column: Int, bar: KeyBar)?, keyTests: [KeyTest]
        ) {
            self.groups = groups
            self.starts = starts
            self.indices = indices
            self.early = early
            isFilterOnly = indices.indices.map { filterOnly.contains($0) }
            self.filters = filters
            self.tests = tests
            self.places = places
            self.limit = limit
            self.keyTests = keyTests
            blanks = types.map { .nulls($0, count: DataChunk.capacity) }
        }

        var morselCount: Int { groups.count }
        var rowLimit: Int? { groups.reduce(0) { $0 + $1.rowCount } }

        func run(morsel: Int, emit: (Batch) throws -> Void) throws {
            try run(morsel: morsel, parts: 0..<partCount(morsel: morsel), emit: emit)
        }

        func partCount(morsel: Int) -> Int { (groups[morsel].rowCount + DataChunk.capacity - 1) / DataChunk.capacity }

        func run(morsel: Int, parts: Range<Int>, emit: (Batch) throws -> Void) throws {
            let group = groups[morsel]
            guard try mayPass({ group.segments[$0].zone }) else { return }
            if let limit, limit.bar.first(of: group.segments[limit.column].zone) == nil { return }
            let limitZones = try limit.map { try group.segments[$0.column].zones() }
            var open = keyTests.map { (test: $0, tested: 0, passed: 0) }
            guard open.allSatisfy({ $0.test.keys.mayPass(group.segments[indices[$0.test.place]].zone) }) else { return }
            var zones: [Int: [ZoneMap]] = [:]
            for column in tests.reduce(into: Set<ColumnID>(), { $0.formUnion($1.columnIDs) }) {
                if let place = places[column] { zones[place] = try group.segments[place].zones() }
            }
            var batches = SmallBatches()
            for part in parts {
                let start = part * DataChunk.capacity
                let rows = start..<min(group.rowCount, start + DataChunk.capacity)
                guard try mayPass({ zones[$0]?[part] ?? group.segments[$0].zone }) else { continue }
                if let limit, let limitZones, limit.bar.first(of: limitZones[part]) == nil { continue }
                if let batch = try read(group, rows, at: starts[morsel] + start, &open) { try batches.add(batch, emit) }
            }
            try batches.flush(emit)
        }

        func firstPlace(morsel: Int) -> UInt64 {
            limit.map { $0.bar.first(of: groups[morsel].segments[$0.column].zone) ?? .max } ?? 0
        }

        func rowCount(morsel: Int, part: Int) -> Int? {
            guard early.isEmpty, tests.isEmpty, limit == nil, keyTests.isEmpty else { return nil }
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
                guard try isWhole ? segment.zone.isAscending : segment.zones()[parts.lowerBound].isAscending else { return nil }
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
                let bounds = try segment.zones()[parts].map(\.doubles)
                return bounds.dropFirst().reduce(bounds.first ?? nil) { $0.hull(with: $1) }
            }
        }

        /// Whether rows with these zones may pass all filters.
        private func mayPass(_ zone: (Int) -> ZoneMap) throws -> Bool {
            try tests.isEmpty || tests.allSatisfy { test in
                try test.mayPass { column in
                    guard let place = places[column] else {
                        throw ZLError(.internal, "unknown_column", "a filter reads a column that the scan does not have")
                    }
                    return zone(place)
                }
            }
        }

        /// The rows of `rows` that pass the filters; nil where none does.
        private func read(
            _ group: RowGroup, _ rows: Range<Int>, at position: Int, _ open: inout [(test: KeyTest, tested: Int, passed: Int)]
        ) throws -> Batch? {
            if filters.isEmpty, limit == nil, open.isEmpty { return try whole(group, rows, at: position) }
            var columns = [ColumnVector?](repeating: nil, count: indices.count)
            var kept: Selection?
            if let limit, let place = indices.firstIndex(of: limit.column) {
                let key = try group.segments[limit.column].decode(rows)
                kept = limit.bar.rows(of: key, upTo: limit.bar.place)
                if kept?.count == 0 { return nil }
                columns[place] = key
            }
            for place in early where columns[place] == nil { columns[place] = try group.segments[indices[place]].decode(rows) }
            if let passing = try filters.rows(of: DataChunk(columns: early.compactMap { columns[$0] }, rowCount: rows.count)) {
                kept = kept?.intersection(passing) ?? passing
                if kept?.count == 0 { return nil }
            }
            for index in open.indices where open[index].tested < Source.testedRows || open[index].passed < open[index].tested / 8 * 7 {
                let place = open[index].test.place
                let column = try columns[place] ?? group.segments[indices[place]].decode(rows)
                columns[place] = column
                open[index].tested += kept?.count ?? rows.count
                kept = open[index].test.keys.rows(of: column, among: kept)
                open[index].passed += kept?.count ?? rows.count
                if kept?.count == 0 { return nil }
            }
            guard let kept else {
                for place in columns.indices where columns[place] == nil { columns[place] = try group.segments[indices[place]].decode(rows) }
                for place in columns.indices where isFilterOnly[place] { columns[place] = blanks[place].resized(to: rows.count) }
                return Batch(DataChunk(columns: columns.compactMap { $0 }, rowCount: rows.count), at: position)
            }
            return try picked(kept, of: columns, group, rows, at: position)
        }

        private func whole(_ group: RowGroup, _ rows: Range<Int>, at position: Int) throws -> Batch {
            var columns: [ColumnVector] = []
            columns.reserveCapacity(indices.count)
            for index in indices { columns.append(try group.segments[index].decode(rows)) }
            return Batch(DataChunk(columns: columns, rowCount: rows.count), at: position)
        }

        /// Some of the rows; columns that are not read yet are nil.
        private func picked(
            _ kept: Selection, of known: [ColumnVector?], _ group: RowGroup, _ rows: Range<Int>, at position: Int
        ) throws -> Batch {
            var columns: [ColumnVector] = []
            columns.reserveCapacity(known.count)
            for place in known.indices {
                if isFilterOnly[place] {
                    columns.append(blanks[place].resized(to: kept.count))
                } else if let column = known[place] {
                    columns.append(column.gather(kept.rows, count: kept.count))
                } else {
                    columns.append(try group.segments[indices[place]].decode(rows, at: kept.rows, count: kept.count))
                }
            }
            let border = Batch.border(min(rows.count, DataChunk.blockSize), of: kept.rows, count: kept.count)
            return Batch(chunk: DataChunk(columns: columns, rowCount: kept.count), block: position / DataChunk.blockSize, border: border)
        }
    }
}

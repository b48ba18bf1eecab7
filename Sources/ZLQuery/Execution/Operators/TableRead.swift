import ZLColumnar

/// Reads a table; a morsel is a row group that may have rows which pass. Row groups and vectors whose zone maps rule the filters out are not read; columns that the
/// filters need are decoded first, the others where rows pass. So are rows behind a bar.
struct TableRead: PhysicalOperator {
    private var scan: TableScan
    /// Rows of which a column, by its place in the table, comes behind are left out.
    private var limit: (column: Int, bar: KeyBar)?
    /// And so are rows of which a column holds no key.
    private var keyFilters: [KeyFilter] = []
    private var isForLongBatches = false

    /// A long batch has so many rows, of so few columns: their values stay in a core's cache.
    private static let (longBatchRows, mostLongColumns) = (10 * DataChunk.capacity, 4)

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

    func givingLongBatches() -> any PhysicalOperator {
        guard scan.columns.count <= TableRead.mostLongColumns else { return self }
        var copy = self
        copy.isForLongBatches = true
        return copy
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
        let places = Dictionary(zip(scan.columns.map(\.id), scan.indices), uniquingKeysWith: { first, _ in first })
        let tests = scan.filters.compactMap { ZoneTest($0, places) }
        var groups: [RowGroup] = []
        var starts: [Int] = []
        var start = 0
        for group in scan.data.rowGroups {
            if TableSource.mayPass(group, tests) {
                groups.append(group)
                starts.append(start)
            }
            start += group.rowCount
        }
        let filters = Conjunction(try PhysicalExpression.all(scan.filters, layout))
        let readsLong = isForLongBatches && filters.isOnlyComparisons && limit == nil && keyFilters.isEmpty
        return TableSource(
            groups: groups, starts: starts, indices: scan.indices, early: early, filterOnly: scan.filterOnly,
            types: scan.columns.map(\.type),
            filters: filters, tests: tests, limit: limit,
            keyTests: keyFilters.sorted { $0.keys.density < $1.keys.density }.compactMap { filter in
                scan.columns.firstIndex { $0.id == filter.column }.map { TableSource.KeyTest(place: $0, keys: filter.keys) }
            }, rowsAtOnce: readsLong ? TableRead.longBatchRows : DataChunk.capacity)
    }
}

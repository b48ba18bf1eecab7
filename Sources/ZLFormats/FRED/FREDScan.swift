import ZLColumnar

/// Observations of FRED series from CSV files: `read_fred(folder or pattern)`. One task.
///
/// Rows are unique by series, date and publication date and sorted by them. An observation that several files hold must be the same in
/// all; where one is missing and the other is not, the value counts. `value` is NULL where the observation is missing, `realtime_start`
/// where a file does not say when it was published.
package struct FREDScan: FileScan {
    package let columns = [
        FileColumn(name: "series_id", type: .varchar), FileColumn(name: "observation_date", type: .date),
        FileColumn(name: "value", type: .double), FileColumn(name: "realtime_start", type: .date),
    ]
    package let taskCount = 1
    private let observations: [FREDObservation]
    private let series: [String]

    package var estimatedRowCount: Int? { observations.count }

    private static let endings = [".csv", ".csv.gz", ".csv.zst"]

    /// Reads every file: those that a pattern matches, or all CSV files of a folder and its sub-folders.
    ///
    /// - Throws: `ZLError` that names file and line where a file has no date column, a date or value is none, or two files contradict.
    package init(pattern: String, cancellation: CancellationFlag = CancellationFlag()) throws {
        var paths: [String]
        if FileGlob.isFolder(pattern) {
            paths = FileGlob.files(under: pattern, endings: FREDScan.endings)
            guard !paths.isEmpty else { throw ZLError(.io, "no_files", "the folder \(pattern) holds no CSV file") }
        } else {
            paths = try FileGlob.expand(pattern)
        }
        var reader = FREDReader()
        for path in paths {
            try cancellation.check()
            try reader.add(path)
        }
        (observations, series) = try reader.finish()
    }

    package func read(
        task: Int, projection: [Int], cancellation: CancellationFlag, emit: (DataChunk) throws -> Void
    ) throws {
        for start in stride(from: 0, to: observations.count, by: DataChunk.capacity) {
            try cancellation.check()
            let rows = observations[start..<min(start + DataChunk.capacity, observations.count)]
            let vectors = projection.map { vector(of: $0, rows) }
            try emit(DataChunk(columns: vectors, rowCount: rows.count))
        }
    }

    private func vector(of column: Int, _ rows: ArraySlice<FREDObservation>) -> ColumnVector {
        let builder = ColumnBuilder(type: columns[column].type, capacity: rows.count)
        for row in rows {
            switch column {
            case 0: builder.append(text: series[row.series])
            case 1: builder.append(row.date)
            case 2: if let value = row.value { builder.append(value) } else { builder.appendNull() }
            default: if let published = row.published { builder.append(published) } else { builder.appendNull() }
            }
        }
        return builder.finish()
    }
}

/// One value of a series, with the place that it was read from.
struct FREDObservation {
    /// Position in the list of series.
    var series: Int
    /// Days since 1970.
    var date: Int32
    var published: Int32?
    var value: Double?
    /// Position in the list of files, and the offset in it.
    var file: Int
    var offset: Int

    /// What must be unique.
    var key: (Int, Int32, Int32) { (series, date, published ?? Int32.min) }
}

/// Gathers observations from files of FRED's layouts.
///
/// | header | meaning |
/// |---|---|
/// | `DATE,ID`, `observation_date,ID` | one series, named by the header; further columns are further series |
/// | `date,value` | the series is named by the file |
/// | `series_id`, `realtime_start` besides | the series and the publication date, by row |
struct FREDReader {
    private var sources: [CSVSource] = []
    private var seriesNumbers: [String: Int] = [:]
    private var observations: [FREDObservation] = []

    private static let dateNames: Set<String> = ["date", "observation_date"]
    private static let dialect = CSVDialect(delimiter: UInt8(ascii: ","))

    private enum Role {
        case date, seriesName, published, ignored
        case value(series: Int?)
    }

    mutating func add(_ path: String) throws(ZLError) {
        let source = try CSVSource(path: path)
        let start = try source.contentStart(skippingLines: 0)
        guard start < source.byteCount else { return }
        sources.append(source)
        let (buffer, end) = try source.load(start..<source.byteCount)
        defer { withExtendedLifetime(buffer) {} }
        let base = UnsafePointer(buffer.values(UInt8.self))
        let header = FREDReader.dialect.fields(of: UnsafeRawBufferPointer(start: base, count: end), rowLimit: 1)[0]
        let roles = try roles(header, path)
        let tokenizer = CSVTokenizer(dialect: FREDReader.dialect, columnCount: roles.count)
        let table = UnsafeMutablePointer<CSVField>.allocate(capacity: DataChunk.capacity * roles.count)
        defer { table.deallocate() }
        var position = 0
        var isHeader = true
        while position < end {
            let rows: Int
            do {
                rows = try tokenizer.tokenize(base, position: &position, end: end, rowLimit: DataChunk.capacity, fields: table)
            } catch {
                throw CSVErrors.broken(source, CSVProblem(reason: error.reason, offset: start + error.offset), roles.count)
            }
            for row in 0..<rows where row > 0 || !isHeader {
                try addRow(table + row * roles.count, roles, base, start)
            }
            if rows > 0 { isHeader = false }
        }
    }

    private mutating func roles(_ header: [CSVDialect.Field], _ path: String) throws(ZLError) -> [Role] {
        let names = header.map { String(decoding: $0.bytes, as: UTF8.self) }
        let hasSeriesColumn = names.contains { $0.lowercased() == "series_id" }
        var roles: [Role] = []
        for name in names {
            switch name.lowercased() {
            case let lower where FREDReader.dateNames.contains(lower): roles.append(.date)
            case "series_id": roles.append(.seriesName)
            case "realtime_start": roles.append(.published)
            case "realtime_end": roles.append(.ignored)
            case "value": roles.append(.value(series: hasSeriesColumn ? nil : number(FREDReader.seriesName(path))))
            default: roles.append(.value(series: number(name)))
            }
        }
        let dates = roles.filter { if case .date = $0 { true } else { false } }.count
        let hasValue = roles.contains { if case .value = $0 { true } else { false } }
        guard dates == 1, hasValue else {
            throw ZLError(
                .io, "not_fred", "\(path) is no FRED file: its header is \"\(names.joined(separator: ","))\", expected a date column (DATE, observation_date or date) and a series")
        }
        return roles
    }

    /// The file's name without folder and endings.
    private static func seriesName(_ path: String) -> String {
        let name = path.split(separator: "/").last.map { String($0) } ?? path
        return name.split(separator: ".").first.map { String($0) } ?? name
    }

    private mutating func number(_ name: String) -> Int {
        if let known = seriesNumbers[name] { return known }
        let made = seriesNumbers.count
        seriesNumbers[name] = made
        return made
    }

    private mutating func addRow(
        _ fields: UnsafePointer<CSVField>, _ roles: [Role], _ base: UnsafePointer<UInt8>, _ start: Int
    ) throws(ZLError) {
        var date: Int32?
        var published: Int32?
        var named: Int?
        for (column, role) in roles.enumerated() {
            let bytes = fields[column].bytes(in: base)
            switch role {
            case .date: date = try day(bytes, start + Int(fields[column].start))
            case .published: published = bytes.isEmpty ? nil : try day(bytes, start + Int(fields[column].start))
            case .seriesName: named = number(String(decoding: bytes, as: UTF8.self))
            case .ignored, .value: break
            }
        }
        guard let date else { return }
        for (column, role) in roles.enumerated() {
            guard case .value(let series) = role, let series = series ?? named else { continue }
            let offset = start + Int(fields[column].start)
            let value = try value(fields[column].bytes(in: base), offset)
            observations.append(
                FREDObservation(
                    series: series, date: date, published: published, value: value, file: sources.count - 1, offset: offset))
        }
    }

    private func day(_ bytes: UnsafeRawBufferPointer, _ offset: Int) throws(ZLError) -> Int32 {
        if let day = TextParser.plainDate(bytes) { return day }
        throw conversion(bytes, offset, "a date")
    }

    /// nil where the observation is missing: `.` or nothing.
    private func value(_ bytes: UnsafeRawBufferPointer, _ offset: Int) throws(ZLError) -> Double? {
        if bytes.isEmpty || (bytes.count == 1 && bytes[0] == UInt8(ascii: ".")) { return nil }
        if let value = TextParser.double(bytes), value.isFinite { return value }
        throw conversion(bytes, offset, "a number")
    }

    private func conversion(_ bytes: UnsafeRawBufferPointer, _ offset: Int, _ wanted: String) -> ZLError {
        let source = sources[sources.count - 1]
        return ZLError(
            .conversion, "fred_conversion",
            "\(source.path) line \(source.lineNumber(at: offset)): \(TextParser.quoted(bytes)) is not \(wanted)")
    }

    /// Observations sorted and made unique, with the series in order.
    mutating func finish() throws(ZLError) -> (observations: [FREDObservation], series: [String]) {
        let names = seriesNumbers.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        var ranks = [Int](repeating: 0, count: names.count)
        for (rank, name) in names.enumerated() { ranks[seriesNumbers[name] ?? 0] = rank }
        for index in observations.indices { observations[index].series = ranks[observations[index].series] }
        observations.sort { $0.key == $1.key ? ($0.file, $0.offset) < ($1.file, $1.offset) : $0.key < $1.key }
        var unique: [FREDObservation] = []
        unique.reserveCapacity(observations.count)
        for observation in observations {
            guard let last = unique.last, last.key == observation.key else {
                unique.append(observation)
                continue
            }
            guard let value = observation.value else { continue }
            if last.value == nil {
                unique[unique.count - 1] = observation
            } else if last.value != value {
                throw contradiction(names[observation.series], last, observation)
            }
        }
        return (unique, names)
    }

    private func contradiction(_ series: String, _ first: FREDObservation, _ second: FREDObservation) -> ZLError {
        func place(_ observation: FREDObservation) -> String {
            let source = sources[observation.file]
            let value = TextFormat.text(of: observation.value.map { .double($0) } ?? .null, type: .double)
            return "\(value) in \(source.path) line \(source.lineNumber(at: observation.offset))"
        }
        let date = TextFormat.text(of: .date(first.date), type: .date)
        return ZLError(
            .constraint, "fred_contradiction", "series \(series) has two values for \(date): \(place(first)), \(place(second))")
    }
}

import ZLColumnar
import ZLFormats

/// How a result is written.
public enum ResultFormat: Sendable {
    /// Names in the first line, then a line a row, as COPY TO writes it.
    case csv
    /// One object a row, one row a line.
    case jsonLines
    /// The whole result on one line: `{"ok":true,"columns":[..],"types":[..],"rows":[[..]]}`.
    case json
}

extension QueryResult {
    /// Writes the result; one without columns gives nothing as CSV and JSON lines.
    public func write(to output: DescriptorOutput, as format: ResultFormat) throws(ZLError) {
        let writer = ResultWriter(format, columns: zip(columns, types).map { ($0.name, $1) }, output)
        try writer.begin()
        for chunk in chunks { try writer.write(chunk) }
        try writer.end()
    }

    /// `{"ok":false,"error":".."}` on one line.
    public static func writeFailure(_ error: ZLError, to output: DescriptorOutput) throws(ZLError) {
        try output.append { buffer in
            buffer.append("{\"ok\":false,\"error\":")
            JSONText.append(string: error.description, to: buffer)
            buffer.append("}\n")
        }
    }
}

/// Writes one result in pieces: `begin`, every chunk, `end`.
final class ResultWriter {
    private let format: ResultFormat
    private let columns: [(name: String, type: DataType)]
    private let output: DescriptorOutput
    private var csv: CSVWriter?
    private var rowCount = 0

    init(_ format: ResultFormat, columns: [(name: String, type: DataType)], _ output: DescriptorOutput) {
        self.format = format
        self.columns = columns
        self.output = output
    }

    func begin() throws(ZLError) {
        switch format {
        case .csv:
            guard !columns.isEmpty else { return }
            try output.flush()
            try output.writeDirectly { (file) throws(ZLError) in
                csv = try CSVWriter(columns: columns.map { FileColumn(name: $0.name, type: $0.type) }, output: file)
            }
        case .jsonLines:
            return
        case .json:
            try output.append { buffer in
                buffer.append("{\"ok\":true,\"columns\":")
                ResultWriter.append(columns.map(\.name), to: buffer)
                buffer.append(",\"types\":")
                ResultWriter.append(columns.map(\.type.description), to: buffer)
                buffer.append(",\"rows\":[")
            }
        }
    }

    func write(_ chunk: DataChunk) throws(ZLError) {
        guard chunk.rowCount > 0, !columns.isEmpty else { return }
        switch format {
        case .csv:
            try output.writeDirectly { (_) throws(ZLError) in try csv?.write(chunk) }
        case .json:
            let texts = chunk.columns.map { TextColumn($0) }
            try output.append { buffer in
                for row in 0..<chunk.rowCount {
                    if rowCount + row > 0 { buffer.append(UInt8(ascii: ",")) }
                    JSONText.appendArray(texts, row: row, to: buffer)
                }
            }
        case .jsonLines:
            let texts = chunk.columns.map { TextColumn($0) }
            try output.append { buffer in
                for row in 0..<chunk.rowCount {
                    JSONText.appendObject(texts, names: columns.map(\.name), row: row, to: buffer)
                    buffer.append(UInt8(ascii: "\n"))
                }
            }
        }
        rowCount += chunk.rowCount
    }

    func end() throws(ZLError) {
        switch format {
        case .csv: try output.writeDirectly { (_) throws(ZLError) in try csv?.finish() }
        case .json: try output.append { $0.append("]}\n") }
        case .jsonLines: return
        }
    }

    private static func append(_ texts: [String], to buffer: ByteBuffer) {
        buffer.append(UInt8(ascii: "["))
        for (place, text) in texts.enumerated() {
            if place > 0 { buffer.append(UInt8(ascii: ",")) }
            JSONText.append(string: text, to: buffer)
        }
        buffer.append(UInt8(ascii: "]"))
    }
}

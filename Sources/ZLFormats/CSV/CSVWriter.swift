import ZLColumnar

/// How CSV is written.
package struct CSVWriterOptions: Hashable, Sendable {
    package enum ForcedQuotes: Hashable, Sendable {
        case none, all
        case columns(Set<Int>)
    }

    package var hasHeader = true
    package var delimiter = UInt8(ascii: ",")
    package var quote = UInt8(ascii: "\"")
    /// Stands before a quote inside quotes; nil: the quote itself.
    package var escape: UInt8?
    package var nullText = ""
    /// Columns whose values are quoted whether they need it or not; NULL never is.
    package var forcedQuotes = ForcedQuotes.none

    package init() {}
}

/// Writes chunks as the lines of a CSV file.
package final class CSVWriter {
    /// What `write(lines:rowCount:)` takes lines of.
    package let format: CSVRowFormat
    private let output: OutputFile
    private let buffer = ByteBuffer(capacity: flushSize + 4096)
    package private(set) var rowCount = 0

    /// Bytes from which on text is worth a write.
    package static let flushSize = 1 << 18

    /// Writes the header, if there is to be one.
    package init(columns: [FileColumn], options: CSVWriterOptions = CSVWriterOptions(), output: OutputFile) throws(ZLError) {
        format = CSVRowFormat(columns: columns, options: options)
        self.output = output
        if options.hasHeader { format.appendHeader(to: buffer) }
    }

    /// Appends the rows of a chunk whose columns are those of the writer.
    package func write(_ chunk: DataChunk) throws(ZLError) {
        format.append(chunk, to: buffer)
        rowCount += chunk.rowCount
        if buffer.count >= CSVWriter.flushSize { try flush() }
    }

    /// Appends lines that `format` made of so many rows.
    package func write(lines: ByteBuffer, rowCount: Int) throws(ZLError) {
        try flush()
        try output.write(lines.bytes)
        self.rowCount += rowCount
    }

    /// Writes what is left and gives the file its name.
    package func finish() throws(ZLError) {
        try flush()
        try output.commit()
    }

    private func flush() throws(ZLError) {
        guard buffer.count > 0 else { return }
        try output.write(buffer.bytes)
        buffer.removeAll()
    }
}

"""The company's books: documents, postings, payroll entries."""

"""What words weigh in feeling: tables for calls in English and Persian, and the arithmetic that uses them."""

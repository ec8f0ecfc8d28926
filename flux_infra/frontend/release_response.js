// Viewer response: the page for unknown addresses is answered with its status.
//
// It is an object like any other to S3, which answers 200, so its metadata say what it stands for. An error response of
// the distribution could do the same, but would do it to the API's own 404, too.
function handler(event) {
  const response = event.response;
  const status = response.headers['x-amz-meta-status'];
  if (status) {
    response.statusCode = parseInt(status.value, 10);
    response.statusDescription = 'Not Found';
    delete response.headers['x-amz-meta-status'];
  }
  return response;
}
